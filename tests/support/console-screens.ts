/** Every screen of the support console: what `npm run screens` takes pictures of, and what tests look at for violations. */
import type { Page } from 'playwright-core'
import { DEMO_SHOP } from '../../sandbox/demo/environment.ts'
import type { ConsoleIds } from './console-show.ts'
import type { ShownIds } from './show.ts'

export type ConsoleScreen = {
  /** Of its pictures: lower case, digits and hyphens. */
  name: string
  /** What it shows, one sentence without a full stop. */
  caption: string
  path: string | ((ids: ShownIds & ConsoleIds) => string)
  /** Before anybody has signed in. */
  isNobody?: true
  /** What is done on the page before it is looked at. */
  prepare?(page: Page): Promise<void>
}

const SHOP = `/support/shops/${DEMO_SHOP}`
const MAINTENANCE = 'Voucherify announced maintenance of its API until six.'

export const CONSOLE_SCREENS: readonly ConsoleScreen[] = [
  { name: 'console-sign-in', caption: 'Signing in', path: '/support/sign-in', isNobody: true },
  { name: 'console-shops', caption: 'All shops, the worst first', path: '/support' },
  {
    name: 'console-shops-held',
    caption: 'Shops of which support holds one vendor, and what the states mean',
    path: '/support?vendor=voucherify&state=held&text=shop-01',
    async prepare(page) {
      const means = page.getByText('What the states mean')
      await means.click()
      await means.evaluate(each => each.closest('details')?.scrollIntoView({ block: 'end' }))
    },
  },
  {
    name: 'console-shop',
    caption: "One shop: the merchant's switch and support's hold of each vendor, and what waits",
    path: SHOP,
  },
  {
    name: 'console-hold',
    caption: 'Holding a vendor says first what will become of what waits',
    path: SHOP,
    async prepare(page) {
      await page.getByRole('button', { name: 'Hold Voucherify…' }).click()
      await page.getByRole('dialog').getByLabel('Reason').fill(MAINTENANCE)
      await page.getByText('Counting what waits…').waitFor({ state: 'detached' })
    },
  },
  {
    name: 'console-hold-again',
    caption: 'A hold that stands is shown, and replaced only by who says so',
    path: ({ heldShop }) => `/support/shops/${heldShop}`,
    async prepare(page) {
      await page.getByRole('button', { name: 'Change hold of Voucherify…' }).click()
      await page.getByRole('dialog').getByText('Support holds it already').waitFor()
    },
  },
  { name: 'console-activity', caption: "A shop's events and what became of them", path: `${SHOP}/activity` },
  {
    name: 'console-event',
    caption: "An event's story, with people masked",
    path: ({ order }) => `${SHOP}/events/${order}`,
  },
  {
    name: 'console-fleet',
    caption: 'Fleet: each vendor over all shops, and what was held and released for many',
    path: '/support/fleet',
  },
  {
    name: 'console-fleet-release',
    caption: 'Releasing a vendor for many shops, counted before',
    path: '/support/fleet?kind=release&vendor=voucherify',
    async prepare(page) {
      await page.getByText('What this comes to').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'console-fleet-running',
    caption: 'A hold of many shops in the middle of its first step',
    path: ({ running }) => `/support/fleet/${running}`,
  },
  {
    name: 'console-fleet-done',
    caption: 'A hold of many shops that is through',
    path: ({ done }) => `/support/fleet/${done}`,
  },
  {
    name: 'console-audit',
    caption: 'The audit: who did what and why, a fleet action as one entry',
    path: '/support/audit?vendor=voucherify',
    async prepare(page) {
      await page.getByRole('heading', { name: 'Entries' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'console-audit-fleet',
    caption: 'The audit: the entry of each shop of a fleet action',
    path: ({ done }) => `/support/audit?fleet=${done}`,
    async prepare(page) {
      await page
        .getByRole('heading', { name: 'Entries' })
        .evaluate(each => each.scrollIntoView({ block: 'center' }))
    },
  },
  { name: 'console-accounts', caption: 'Accounts and their roles', path: '/support/accounts' },
  { name: 'console-keys', caption: 'What is sealed under which key', path: '/support/keys' },
  { name: 'console-sessions', caption: 'Where one is signed in', path: '/support/sessions' },
  {
    name: 'console-reveal',
    caption: 'Revealing a person needs a reason, which is written down first',
    path: ({ order }) => `${SHOP}/events/${order}`,
    async prepare(page) {
      await page.getByRole('button', { name: 'Reveal…' }).click()
      await page.getByRole('dialog').getByLabel('Reason').fill('They asked by phone what we keep of them.')
    },
  },
  {
    name: 'console-revealed',
    caption: 'A person in the clear, until the page is left',
    path: ({ order }) => `${SHOP}/events/${order}`,
    async prepare(page) {
      await page.getByRole('button', { name: 'Reveal…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Reason').fill('They asked by phone what we keep of them.')
      await dialog.getByRole('button', { name: 'Write it down and reveal' }).click()
      const hide = page.getByRole('button', { name: 'Hide' })
      await hide.waitFor()
      await hide.scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'console-fleet-vendor',
    caption: 'One vendor over all shops: what keeps it from sending, what failed and why, day by day',
    path: '/support/fleet/vendor/voucherify',
  },
]

export const consolePathOf = ({ path }: ConsoleScreen, ids: ShownIds & ConsoleIds) =>
  typeof path === 'string' ? path : path(ids)
