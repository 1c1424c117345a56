/** From installing the app to the first event that arrived, with nothing but what is on the screen. */
import { describe, expect, it } from 'vitest'
import { SETTINGS } from '../support/app.ts'
import { HANDS, type Hand } from '../support/hands.ts'
import { sideways } from '../support/look.ts'
import { merchantTools } from '../support/merchant.ts'

const tools = merchantTools()

/** Presses of a merchant who knows where to go: the tools, one of them, its key, connect; an order; then the activity, and the event. */
const PRESSES = 7
/** Then Home, the guide's step, its button, the address, and what became of it. */
const TEST_PRESSES = 6
/** With a keyboard each stop on the way counts: the key is entered and tried without passing all that can be chosen. */
const MOST_KEYS = 80
const MOST_TEST_KEYS = 60
/** The test event among it. */
const MOST_SECONDS = 180

/** By the admin's navigation. Home's guide leads to the same page. */
async function toTools(hand: Hand, page: Awaited<ReturnType<typeof opened>>['page']): Promise<void> {
  await hand.press(page.getByRole('link', { name: 'Tools', exact: true }))
}

async function opened(shop: string, context: object) {
  const page = await (await tools.browser.newContext(context)).newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(tools.frame.address(shop))
  const app = page.frameLocator('iframe')
  await app.getByRole('heading', { level: 1 }).waitFor()
  return { page, app }
}

describe('a merchant who has just installed the app', () => {
  it.each(Object.entries(HANDS))(
    'with %s gets to the first delivered event',
    async (name, { context, use }) => {
      const shop = `first-${name.split(' ')[1]}.myshopify.com`
      const started = performance.now()
      const { page, app } = await opened(shop, context)
      const hand = use(page)
      await toTools(hand, page)
      await hand.press(app.getByRole('link', { name: 'Connect Alana' }))
      await hand.write(app.getByLabel('API key'), SETTINGS.alana.apiKey)
      await hand.press(app.getByRole('button', { name: 'Test and connect' }))
      await page.getByText('Alana: settings saved').first().waitFor()

      await hand.press(page.getByRole('button', { name: 'Place an order' }))
      const told = page.getByText(/^Order #\d+ placed$/)
      await told.waitFor()
      expect(await sideways(page.mainFrame())).toBe(0)
      const [order = ''] = /#\d+/.exec((await told.textContent()) ?? '') ?? []
      await tools.app.idle()

      await hand.press(page.getByRole('link', { name: 'Activity', exact: true }))
      await hand.press(app.getByRole('link', { name: new RegExp(order) }))
      await app.getByRole('heading', { name: /^Order placed · #\d+$/ }).waitFor()
      await app.getByText('Delivered', { exact: true }).first().waitFor()
      const seconds = (performance.now() - started) / 1000
      process.stdout.write(`with ${name}: ${hand.count()} presses, ${seconds.toFixed(1)} s\n`)
      const { rows } = await tools.app.test.database.pool.query(
        `select d.vendor, d.state from deliveries d join shops s on s.id = d.shop_id where s.domain = $1`,
        [shop],
      )
      expect(rows).toEqual([{ vendor: 'alana', state: 'delivered' }])
      const presses = hand.count()
      if (name === 'a keyboard') expect(presses).toBeLessThanOrEqual(MOST_KEYS)
      else expect(presses).toBe(PRESSES)

      await hand.press(page.getByRole('link', { name: 'Sluice', exact: true }))
      await hand.press(app.getByRole('button', { name: 'Send a test event' }).first())
      await hand.press(app.locator('#guide-test').getByRole('button', { name: 'Send a test event' }))
      await hand.write(app.getByLabel('Your e-mail address'), 'me@example.com')
      // What is sent is said before.
      await app.getByText('Alana: nothing more (Visitor not known)').waitFor()
      await hand.press(app.getByRole('button', { name: 'Send', exact: true }))
      await app.getByRole('dialog').waitFor({ state: 'detached' })
      await hand.press(app.getByRole('link', { name: 'See what became of it' }))
      await app.getByRole('heading', { name: /^Product viewed/ }).waitFor()
      await app.getByText('Test event', { exact: true }).first().waitFor()
      const all = (performance.now() - started) / 1000
      process.stdout.write(
        `and a test event: ${hand.count() - presses} presses, ${all.toFixed(1)} s in all\n`,
      )
      expect(all).toBeLessThan(MOST_SECONDS)
      if (name === 'a keyboard') expect(hand.count() - presses).toBeLessThanOrEqual(MOST_TEST_KEYS)
      else expect(hand.count() - presses).toBe(TEST_PRESSES)
      await page.context().close()
    },
    120_000,
  )
})

describe('a keyboard', () => {
  const BUTTONS = '<button>One</button><button>Two</button>'
  it.each([
    ['arrives', BUTTONS, null],
    ['sees where it is', `<style>button { outline: none }</style>${BUTTONS}`, /focus cannot be seen/],
    ['gets out again', `<div onkeydown="event.preventDefault()">${BUTTONS}</div>`, /not reached/],
  ])(
    '%s',
    async (_, content, problem) => {
      const { context, use } = HANDS['a keyboard']
      const page = await (await tools.browser.newContext(context)).newPage()
      await page.setContent(content)
      await page.getByRole('button', { name: 'One' }).focus()
      const pressing = use(page).press(page.getByRole('button', { name: 'Two' }))
      await (problem ? expect(pressing).rejects.toThrow(problem) : pressing)
      await page.context().close()
      // Whoever does not get out presses hundreds of times before that is known.
    },
    90_000,
  )
})
