/** Every screen of the merchant's admin: what `npm run screens` takes pictures of, and what tests look at for violations. */
import type { FrameLocator } from 'playwright-core'
import type { Texts } from '../../app/ui/i18n.ts'
import type { ShownIds, StoodTool } from './show.ts'

export type Screen = {
  /** Of its pictures: lower case, digits and hyphens. */
  name: string
  /** What it shows, one sentence without a full stop. */
  caption: string
  path: string | ((ids: ShownIds) => string)
  isNew?: true
  /** How Voucherify stands meanwhile. */
  stands?: StoodTool
  /** What is done on the page before it is looked at. */
  prepare?(app: FrameLocator, texts: Texts): Promise<void>
}

const press = (app: FrameLocator, name: string) =>
  app.getByRole('button', { name, exact: true }).first().click()
const dialog = (app: FrameLocator) => app.getByRole('dialog').getByRole('heading').first().waitFor()

export const SCREENS: readonly Screen[] = [
  { name: 'home', caption: 'Home, after a week of orders', path: '/app' },
  {
    name: 'home-numbers',
    caption: 'Home, further down: how much was delivered, day by day and tool by tool',
    path: '/app',
    async prepare(app, { home }) {
      await app
        .getByRole('heading', { name: home.lanes })
        .evaluate(heading => heading.scrollIntoView({ block: 'center' }))
    },
  },
  {
    name: 'home-test',
    caption: 'The test of the guide says first what each tool gets',
    path: '/app',
    async prepare(app, { home }) {
      // The step bears the same words.
      await app.getByRole('button', { name: home.guide.test.button, exact: true }).last().click()
      await dialog(app)
      await app.getByText(home.guide.test.each).waitFor()
    },
  },
  { name: 'home-new', caption: 'Home of a shop that has just installed Sluice', path: '/app', isNew: true },
  {
    name: 'tools',
    caption: 'Tools: how each stands, one of them with a key that stopped working',
    path: '/app/vendors',
  },
  { name: 'tools-new', caption: 'Tools before any is connected', path: '/app/vendors', isNew: true },
  {
    name: 'tool',
    caption: 'A tool that is connected: its settings, its events and its guide',
    path: '/app/vendors/alana',
  },
  {
    name: 'tool-refused',
    caption: 'A tool whose key is refused: why, what waits, and where to change it',
    path: '/app/vendors/ecomail',
  },
  {
    name: 'home-held',
    caption: 'Home while support holds a tool: why, until when and whom to ask',
    path: '/app',
    stands: 'held',
  },
  {
    name: 'tool-held',
    caption: 'A tool that support holds',
    path: '/app/vendors/voucherify',
    stands: 'held',
  },
  {
    name: 'tool-off',
    caption: 'A tool that is switched off: what happens is kept',
    path: '/app/vendors/voucherify',
    stands: 'off',
  },
  {
    name: 'trouble',
    caption: 'A page that cannot be shown right now, and what to do',
    path: '/app',
    async prepare(app, { frame }) {
      const page = app.locator('body').page()
      const asked = '**/app/vendors?_data=*'
      await page.route(asked, route =>
        route.fulfill({ status: 503, headers: { 'x-remix-catch': 'yes' }, body: '' }),
      )
      await app.locator('body').evaluate(() => {
        const { __remixRouter } = window as unknown as { __remixRouter: { navigate(to: string): void } }
        __remixRouter.navigate('/app/vendors')
      })
      await app.getByRole('heading', { name: frame.away.title }).waitFor()
      await page.unroute(asked)
    },
  },
  { name: 'tool-new', caption: 'Connecting a tool', path: '/app/vendors/voucherify', isNew: true },
  {
    name: 'tool-invalid',
    caption: 'Connecting a tool with a setting missing',
    path: '/app/vendors/alana',
    isNew: true,
    async prepare(app, { vendors }) {
      await press(app, vendors.form.connect)
      await app.getByText(vendors.form.invalid).waitFor()
      await app.getByText(vendors.form.invalid).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'tool-disconnect',
    caption: 'Disconnecting a tool says first what happens to what waits',
    path: '/app/vendors/ecomail',
    async prepare(app, { vendors }) {
      await disconnect(app, vendors.disconnect.button)
      await dialog(app)
    },
  },
  {
    name: 'support-deeds',
    caption: 'What support did to the shop, and why',
    path: '/app/support',
  },
  { name: 'tool-missing', caption: 'A tool that there is not', path: '/app/vendors/nobody' },
  { name: 'activity', caption: 'Activity: every event and what became of it', path: '/app/activity' },
  {
    name: 'activity-filters',
    caption: 'Activity, filtered by what failed',
    path: '/app/activity?outcome=failed',
  },
  { name: 'activity-none', caption: 'Activity where nothing matches', path: '/app/activity?order=77' },
  { name: 'activity-new', caption: 'Activity before the first event', path: '/app/activity', isNew: true },
  {
    name: 'activity-replay',
    caption: 'Sending again what a filter finds, with a count before',
    path: '/app/activity?outcome=delivered',
    async prepare(app, { activity }) {
      await press(app, activity.replay.many)
      await dialog(app)
      await app.getByText(activity.replay.counting, { exact: true }).first().waitFor({ state: 'detached' })
    },
  },
  {
    name: 'activity-replays',
    caption: 'What was sent again by a filter, and what became of it',
    path: '/app/activity/replays',
  },
  {
    name: 'event',
    caption: 'An order that was placed, and its story',
    path: ({ order }) => `/app/activity/${order}`,
  },
  {
    name: 'event-attempt',
    caption: 'What was sent to a tool, masked, and what came back',
    path: ({ order }) => `/app/activity/${order}`,
    async prepare(app, { activity }) {
      const sent = app.getByText(activity.attempts.request).first()
      await sent.click()
      await sent.scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'event-failed',
    caption: 'An event that a tool rejected',
    path: ({ rejected }) => `/app/activity/${rejected}`,
  },
  {
    name: 'preview',
    caption: 'What a tool would be sent of an event, and what is left out',
    path: ({ order }) => `/app/vendors/alana/preview?event=${order}`,
  },
  {
    name: 'syncs',
    caption: 'What a tool is sent of each event, and what it is not',
    path: '/app/vendors/voucherify/syncs',
  },
  { name: 'accuracy', caption: 'Accuracy: what became of every order', path: '/app/accuracy' },
  {
    name: 'accuracy-new',
    caption: 'Accuracy before a tool is connected',
    path: '/app/accuracy',
    isNew: true,
  },
  {
    name: 'settings',
    caption: 'Settings: the storefront, alerts, privacy, language and an export',
    path: '/app/settings',
  },
  {
    name: 'event-retrying',
    caption: 'An event that waits for its next try at a tool',
    path: ({ order }) => `/app/activity/${order}`,
    stands: 'retrying',
    async prepare(app, { vendors }) {
      const button = app.getByText(vendors.tryNow.button, { exact: true })
      await button.evaluate(shown => shown.scrollIntoView({ block: 'center' }))
    },
  },
  {
    name: 'event-missing',
    caption: 'An event that there is not',
    path: '/app/activity/01930000-0000-7000-8000-00000000ffff',
  },
]

/**
 * What of a page stands on the pictured ones of no tool: why nothing is sent, and how each tool erases a person. Looked at where words
 * are, without a picture.
 */
export const FURTHER: readonly Screen[] = [
  ...['alana', 'ecomail', 'topmail'].map(id => ({
    name: `syncs-${id}`,
    caption: `What ${id} is sent, and how a person is erased there`,
    path: `/app/vendors/${id}/syncs`,
  })),
  {
    name: 'preview-skipped',
    caption: 'A preview of what is not sent, and why',
    path: ({ skipped }) => `/app/vendors/topmail/preview?event=${skipped}`,
  },
  {
    name: 'preview-otherwise',
    caption: 'A preview with what follows when the tool does not know the person',
    path: '/app/vendors/ecomail/preview?type=product_viewed&event=sample',
  },
  {
    name: 'syncs-held',
    caption: 'What a tool is sent, while support holds it',
    path: '/app/vendors/voucherify/syncs',
    stands: 'held',
  },
  {
    name: 'accuracy-held',
    caption: 'Accuracy while support holds a tool',
    path: '/app/accuracy',
    stands: 'held',
    async prepare(app, { vendors }) {
      const title = app.getByText(vendors.held.title.replace('{{name}}', 'Voucherify'))
      await title.evaluate(held => held.scrollIntoView({ block: 'center' }))
    },
  },
]

/** On a phone's width Polaris puts a page's lesser actions into a menu. */
async function disconnect(app: FrameLocator, name: string): Promise<void> {
  const button = app.getByRole('button', { name, exact: true }).first()
  if (!(await button.isVisible()))
    await app.locator('.Polaris-Page-Header__RightAlign .Polaris-Button').first().click()
  await button.click()
}

export const pathOf = ({ path }: Screen, ids: ShownIds) => (typeof path === 'string' ? path : path(ids))
