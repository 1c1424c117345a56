/** Every screen of the console, at a desk's and a phone's width: without violations, without sideways scrolling, named, in words. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consoleRoutesOf, serverBuild } from '../support/admin-routes.ts'
import { CONSOLE_SCREENS, consolePathOf } from '../support/console-screens.ts'
import type { ConsoleShow } from '../support/console-show.ts'
import { rawKeysIn, sideways, violations, wordsOf } from '../support/look.ts'
import { SCREENS } from '../support/screens.ts'
import { type Show, startShow } from '../support/show.ts'
import { leave } from '../support/tabs.ts'

let show: Show
let support: ConsoleShow
beforeAll(async () => {
  show = await startShow()
  support = await show.console()
}, 180_000)
afterAll(async () => {
  await support?.close()
  await show?.close()
})

const [DESK, PHONE] = [1280, 390]
const ROOTS = ['support']
const ids = () => ({ ...show.ids, ...support.ids })

describe('in English, at a desk and on a phone', () => {
  it.each(CONSOLE_SCREENS.map(screen => [screen.name, screen] as const))(
    '%s',
    async (_, screen) => {
      const { isNobody, prepare } = screen
      const page = await support.open({ path: consolePathOf(screen, ids()), width: DESK, isNobody })
      await prepare?.(page)
      const frame = page.mainFrame()
      const { title, headings, written } = await wordsOf(frame)
      expect(title.trim()).not.toBe('')
      expect(headings).toHaveLength(1)
      expect(rawKeysIn(written, ROOTS)).toEqual([])
      expect(written.match(/.{0,30}\btools?\b.{0,30}/i)).toBeNull()
      for (const width of [DESK, PHONE]) {
        await page.setViewportSize({ width, height: 800 })
        expect([width, await sideways(frame)]).toEqual([width, 0])
        expect([width, await violations(frame)]).toEqual([width, []])
      }
      await leave(page)
    },
    60_000,
  )
})

describe('the list of screens', () => {
  it('has one of every page of the console', async () => {
    const paths = CONSOLE_SCREENS.map(screen => consolePathOf(screen, ids()).split('?')[0] ?? '')
    const pages = consoleRoutesOf(await serverBuild()).filter(
      ({ id, isPage }) => isPage && id !== 'routes/support',
    )
    expect(pages.length).toBeGreaterThan(8)
    const missing = pages.filter(({ path }) => {
      const pattern = new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`)
      return !paths.some(each => pattern.test(each))
    })
    expect(missing.map(({ id }) => id)).toEqual([])
  })

  it('names each once, apart from the merchant’s', () => {
    const names = [...SCREENS, ...CONSOLE_SCREENS].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(CONSOLE_SCREENS.filter(({ name }) => !/^console-[a-z-]+$/.test(name))).toEqual([])
  })
})
