/**
 * Every screen of the admin, after a week of events and before the first, at a desk's and a phone's width, and on a phone in the
 * language with the longest words as well: without violations, without sideways scrolling, named, in words, and with no word of another language.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sayingsIn } from '../../app/insights/sayings.ts'
import type { Texts } from '../../app/ui/i18n.ts'
import { VENDORS } from '../../app/vendors/registry.ts'
import { adminRoutesOf, serverBuild } from '../support/admin-routes.ts'
import { rawKeysIn, sideways, violations, wordsOf, writtenOn } from '../support/look.ts'
import { markPages, NOT_WRITTEN, strangersIn } from '../support/marked.ts'
import { FURTHER, pathOf, SCREENS, type Screen } from '../support/screens.ts'
import { type Show, startShow } from '../support/show.ts'

const LOCALES = join(import.meta.dirname, '../../app/ui/locales')
const textsOf = (language: string): Texts =>
  JSON.parse(readFileSync(join(LOCALES, `${language}.json`), 'utf8'))

let show: Show
beforeAll(async () => {
  show = await startShow()
}, 120_000)
afterAll(() => show?.close())

const [DESK, PHONE] = [1280, 390]
const named = (screens: readonly Screen[]) => screens.map(screen => [screen.name, screen] as const)

const opened = async (screen: Screen, width: number, locale: string, texts: Texts) => {
  const { isNew = false, stands } = screen
  const path = pathOf(screen, show.ids)
  const open = await show.open({ path, width, locale, isNew, ...(stands && { stands }) })
  await screen.prepare?.(open.app, texts)
  return open
}

describe('in English, at a desk and on a phone', () => {
  const texts = textsOf('en')
  const roots = Object.keys(texts)

  it.each(named(SCREENS))('%s', async (_, screen) => {
    const { page, frame, broken, close } = await opened(screen, DESK, 'en', texts)
    const { title, headings, written } = await wordsOf(frame)
    expect(title.trim()).not.toBe('')
    expect(headings).toHaveLength(1)
    expect(headings[0]?.trim()).not.toBe('')
    expect(rawKeysIn(written, roots)).toEqual([])
    for (const width of [DESK, PHONE]) {
      await page.setViewportSize({ width, height: 800 })
      expect([width, await sideways(frame)]).toEqual([width, 0])
      expect([width, await violations(frame)]).toEqual([width, []])
    }
    expect(broken, 'the page that the server made was thrown away in the browser').toEqual([])
    await close()
  })
})

describe('in German, on a phone, with marks around every text', () => {
  const roots = Object.keys(textsOf('de'))
  let pages: Awaited<ReturnType<typeof markPages>>
  beforeAll(async () => {
    const frame = (await serverBuild()).routes['routes/app']?.module
    pages = await markPages(
      'de',
      frame,
      sayingsIn('de'),
      VENDORS.map(({ id }) => id),
    )
  })
  afterAll(() => pages?.undo())

  it.each(named([...SCREENS, ...FURTHER]))('%s', async (_, screen) => {
    const { frame, broken, close } = await opened(screen, PHONE, 'de', pages.texts)
    const { title, headings, written } = await wordsOf(frame)
    expect(title.trim()).not.toBe('')
    expect(headings).toHaveLength(1)
    expect(rawKeysIn(written, roots)).toEqual([])
    expect(strangersIn(await writtenOn(frame, NOT_WRITTEN))).toEqual([])
    expect(await sideways(frame)).toBe(0)
    expect(broken).toEqual([])
    await close()
  })
})

describe('the list of screens', () => {
  it('has one of every page of the admin', async () => {
    const build = await serverBuild()
    const paths = SCREENS.map(screen => pathOf(screen, show.ids).split('?')[0] ?? '')
    const pages = adminRoutesOf(build).filter(({ id, isPage }) => id !== 'routes/app' && isPage)
    const missing = pages.filter(({ path }) => {
      const pattern = new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`)
      return !paths.some(each => pattern.test(each))
    })
    expect(missing.map(({ id }) => id)).toEqual([])
  })

  it('names each once', () => {
    const names = [...SCREENS, ...FURTHER].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter(name => !/^[a-z0-9-]+$/.test(name))).toEqual([])
  })
})

describe('a key in place of a text', () => {
  it('is seen', () => {
    expect(rawKeysIn('Tools vendors.form.save', ['vendors'])).toEqual(['vendors.form.save'])
    expect(rawKeysIn('https://example.com/vendors.html and home', ['vendors', 'home'])).toEqual([])
  })
})
