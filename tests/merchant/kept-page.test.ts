/** A page that is asked for again by itself stays where it cannot be had, with what was typed, and says of when it is. */
import { beforeAll, expect, it } from 'vitest'
import { merchantTools } from '../support/merchant.ts'
import { sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const NOTE = /^Sluice cannot be reached right now\. What you see is as of \d\d:\d\d UTC\.$/
/** Longer than any page waits before it looks again. */
const LATER = { timeout: 25_000 }
/** As the app says it when its database does not answer. */
const AWAY = { status: 503, headers: { 'x-remix-catch': 'yes' }, body: '' }

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
    await app.getByText(NOTE).waitFor(LATER)
    expect(asked).toBeGreaterThan(0)
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await page.unrouteAll()
    await app.getByText(NOTE).waitFor({ state: 'detached', ...LATER })
    if (typed) expect(await typed.inputValue()).toBe('half')
    await leave(page)
  },
  60_000,
)
