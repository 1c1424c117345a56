import { createElement } from 'react'
import { describe, expect, it } from 'vitest'
import type { Guide as GuideState, StepName } from '../../runtime/merchant-home.ts'
import { drawn, textOf } from '../testing.ts'
import { Guide } from './guide.tsx'

const STEPS: readonly StepName[] = ['connect', 'embed', 'pixel', 'test', 'first']
/** With so many steps done, from the first on. */
const guide = (done: number, over: Partial<GuideState> = {}): GuideState => ({
  done: { connect: done > 0, embed: done > 1, pixel: done > 2, test: done > 3, first: done > 4 },
  connected: done > 0,
  toCorrect: null,
  editorUrl: 'https://example.myshopify.com/admin/themes/current/editor',
  storefrontUrl: 'https://shop.example.com',
  pixelTrouble: null,
  waits: false,
  first: null,
  ...over,
})
const html = (state: GuideState) => drawn(createElement(Guide, { guide: state, steps: STEPS }))
/** The steps that are open. */
const openIn = (shown: string) =>
  [
    ...shown.matchAll(
      /aria-controls="guide-(\w+)" aria-expanded="(\w+)"|aria-expanded="(\w+)"[^>]*aria-controls="guide-(\w+)"/g,
    ),
  ].flatMap(([, before, isOpen, isOpenToo, after]) =>
    (isOpen ?? isOpenToo) === 'true' ? [before ?? after] : [],
  )

describe('the set-up guide', () => {
  it.each(STEPS.map((step, done) => [done, step] as const))('after %d steps has %s open', (done, step) => {
    const shown = html(guide(done))
    expect(openIn(shown)).toEqual([step])
    expect(textOf(shown)).toContain(`${done} of 5 done`)
    expect(textOf(shown).match(/ Done /g) ?? []).toHaveLength(done)
  })

  it('leads to the theme editor and the storefront by their own addresses', () => {
    expect(html(guide(1))).toContain('href="https://example.myshopify.com/admin/themes/current/editor"')
    expect(html(guide(4))).toContain('href="https://shop.example.com"')
  })

  it('leads to the key of a tool that refused it, and sends it another test', () => {
    const refused = { connected: true, toCorrect: { id: 'tiny', name: 'Tiny', atKey: true } }
    expect(html(guide(0, refused))).toContain('href="/app/vendors/tiny#key"')
    expect(textOf(html(guide(3)))).not.toContain('Connect a tool first')
    expect(textOf(html(guide(3, { connected: false })))).toContain('Connect a tool first')
  })

  it('says why the pixel could not be set', () => {
    expect(textOf(html(guide(2, { pixelTrouble: 'refused' })))).toContain('It is tried again by itself')
  })

  it('with all of it done says so, leads to the first event, and can be put away', () => {
    const text = textOf(html(guide(5, { first: { eventId: 'e1', tool: 'Tiny' } })))
    expect(text).not.toContain('of 5 done')
    expect(html(guide(5, { first: { eventId: 'e1', tool: 'Tiny' } }))).toContain('/app/activity/e1')
  })
})
