/** A page that is asked for again by itself stays where it cannot be had, with what was typed, and says of when it is. */
import { beforeAll, expect, it } from 'vitest'
import { merchantTools } from '../support/merchant.ts'
import { sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'
import { codeIsThere } from '../support/unreached.ts'

const tools = merchantTools()
const noteOf = (why: string) => new RegExp(`^${why} What you see is as of \\d\\d:\\d\\d UTC\\.$`)
const NOTE = noteOf('Sluice cannot be reached right now\\.')
/** Longer than any page waits before it looks again. */
const LATER = { timeout: 25_000 }
/** As the app says it when its database does not answer. */
const AWAY = { status: 503, headers: { 'x-remix-catch': 'yes' }, body: '' }
const AWAY_NOTE = noteOf('Our database does not answer right now\\.')
/** Whatever failed, Sluice was said not to be reached. */
const WHYS = [
  [{ ...AWAY, status: 502 }, noteOf('Shopify does not answer right now\\.')],
  [{ status: 500, body: 'Internal Server Error' }, noteOf('Something went wrong on our side\\.')],
] as const

beforeAll(() => tools.app.connect('alana'))

it.each([
  ['/app/vendors', 1280, AWAY],
  ['/app/vendors/alana', 390, null],
])(
  '%s at %i pixels, where the answer is %o',
  async (path, width, answer) => {
    const { page, app } = await tools.open(path, { width })
    await app.getByRole('heading', { level: 1 }).waitFor()
    const typed = path.endsWith('alana') ? app.getByRole('textbox').first() : null
    await typed?.fill('half')
    let asked = 0
    await page.route(
      url => url.pathname === path && url.searchParams.has('_data'),
      route => {
        asked += 1
        return answer ? route.fulfill(answer) : route.abort()
      },
    )
    await app.getByText(answer ? AWAY_NOTE : NOTE).waitFor(LATER)
    expect(asked).toBeGreaterThan(0)
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await page.unrouteAll()
    await app.getByText(/What you see is as of/).waitFor({ state: 'detached', ...LATER })
    if (typed) expect(await typed.inputValue()).toBe('half')
    await leave(page)
  },
  60_000,
)

it.each([
  ['its data is answered 503', 1280, AWAY],
  ['there is no line', 390, null],
])(
  'the dialog of a test stays open on Home with the address typed in it where %s, at %i pixels',
  async (_, width, answer) => {
    const { page, app } = await tools.open('/app', { width })
    await app.getByRole('button', { name: 'Send a test event' }).first().click()
    await app.locator('#guide-test').getByRole('button', { name: 'Send a test event' }).click()
    const typed = app.getByLabel('Your e-mail address')
    await typed.fill('me@example.com')
    await codeIsThere(page)
    if (answer)
      await page.route(
        url => url.pathname === '/app' && url.searchParams.has('_data'),
        route => (route.request().method() === 'GET' ? route.fulfill(answer) : route.continue()),
      )
    else await page.context().setOffline(true)
    await app.getByText(answer ? AWAY_NOTE : NOTE).waitFor(LATER)
    for (const [other, note] of answer ? WHYS : []) {
      await page.unrouteAll()
      await page.route(
        url => url.pathname === '/app' && url.searchParams.has('_data'),
        route => (route.request().method() === 'GET' ? route.fulfill(other) : route.continue()),
      )
      await app.getByText(note).waitFor(LATER)
    }
    expect(await typed.inputValue()).toBe('me@example.com')
    expect(await sideways(page)).toBe(0)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/kept-home-${width}.png` })
    await page.unrouteAll()
    await page.context().setOffline(false)
    await app.getByText(/What you see is as of/).waitFor({ state: 'detached', ...LATER })
    expect(await typed.inputValue()).toBe('me@example.com')
    await leave(page)
  },
  60_000,
)

it('another period that cannot be had is told, not shown as the one before', async () => {
  const { page, app } = await tools.open('/app')
  const month = app.getByRole('button', { name: '30 days' })
  await month.waitFor()
  await codeIsThere(page)
  await page.context().setOffline(true)
  await month.click()
  await app.getByRole('heading', { level: 1, name: 'Sluice cannot be reached' }).waitFor()
  await page.context().setOffline(false)
  await leave(page)
})
