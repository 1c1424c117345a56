import { describe, expect, it } from 'vitest'
import { attentionOf, type ShopState } from './merchant-attention.ts'
import type { VendorCard } from './merchant-vendors.ts'

const now = new Date('2026-11-21T12:00:00.000Z')
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const DAYS_AGO = new Date('2026-11-18T12:00:00.000Z')
const CARD: VendorCard = {
  ...{ id: 'tiny', name: 'Tiny', status: { kind: 'on' }, test: null },
  counts: { open: 0, forVisitor: 0, held: 0, failed: 0 },
}
const PIXEL = { state: 'active', trouble: null, message: '', id: '1', address: '', setAt: now } as const
const NONE = { count: 0, arrived: 0 }
const WELL: ShopState = {
  tools: [{ card: CARD, oldest: null, failed: NONE }],
  storefront: { embed: { state: 'live', lastAt: now }, pixel: { state: 'live', lastAt: now } },
  pixel: PIXEL,
  ...{ access: null, guided: false, now },
}
const kinds = (over: Partial<ShopState>) => attentionOf({ ...WELL, ...over }).map(({ kind }) => kind)
const tool = (over: Partial<VendorCard>, waits: Date | null = null, failed = NONE) => ({
  tools: [{ card: { ...CARD, ...over }, oldest: waits && { received: DAYS_AGO, waits }, failed }],
})

describe('what needs attention', () => {
  it('is nothing where all is well', () => {
    expect(kinds({})).toEqual([])
  })

  it.each([
    [59, []],
    [61, ['late']],
  ])('is what waits for an hour: %i minutes', (minutes, expected) => {
    const counts = { open: 2, forVisitor: 0, held: 0, failed: 0 }
    expect(kinds(tool({ counts }, ago(minutes)))).toEqual(expected)
  })

  it('is what waits for an hour since its release, told by when it was received', () => {
    const late = attentionOf({ ...WELL, ...tool({}, ago(61)) })
    expect(late).toMatchObject([{ kind: 'late', received: DAYS_AGO.toISOString() }])
  })

  it('is a tool that is paused, for however long, and what has waited for an hour for it', () => {
    const status = { kind: 'paused', until: '', why: null } as const
    expect(kinds(tool({ status }))).toEqual(['paused'])
    expect(kinds(tool({ status }, ago(59)))).toEqual(['paused'])
    expect(kinds(tool({ status }, ago(61)))).toEqual(['late', 'paused'])
  })

  it('is a tool that rests, but not what waits for it as well', () => {
    const status = { kind: 'rests', until: '', why: 'it failed', everyShop: false, over: false } as const
    expect(kinds(tool({ status }, ago(300)))).toEqual(['rests'])
  })

  it('is a tool that is off only while something waits for it', () => {
    const status = { kind: 'off', attention: null, refused: false } as const
    expect(kinds(tool({ status }))).toEqual([])
    expect(kinds(tool({ status, counts: { open: 0, forVisitor: 0, held: 1, failed: 0 } }))).toEqual(['off'])
  })

  it('is not a tool that is being disconnected, which its merchant wanted and which ends by itself', () => {
    const status = { kind: 'disconnecting', why: 'What waits is given up.' } as const
    expect(kinds(tool({ status, counts: { open: 2, forVisitor: 0, held: 1, failed: 0 } }, ago(300)))).toEqual(
      [],
    )
  })

  it('is a tool that support holds, whether or not anything waits for it', () => {
    const status = { kind: 'held', enabled: true, reason: 'It moves.', since: '', until: null } as const
    expect(kinds(tool({ status }))).toEqual(['held'])
    expect(
      attentionOf({ ...WELL, ...tool({ status, counts: { open: 0, forVisitor: 0, held: 3, failed: 0 } }) }),
    ).toMatchObject([{ kind: 'held', name: 'Tiny', reason: 'It moves.', until: null, held: 3 }])
  })

  it('is a tool whose last test failed, also while the guide is there', () => {
    const refused = tool({ status: { kind: 'refused', why: 'Wrong key.', atKey: true } })
    expect(kinds(refused)).toEqual(['refused'])
    expect(kinds({ ...refused, guided: true })).toEqual(['refused'])
  })

  it('is a tool that was saved without a test and has got nothing yet, unless the guide says so', () => {
    const untested = tool({ status: { kind: 'untested' } })
    expect(kinds(untested)).toEqual(['untested'])
    expect(kinds({ ...untested, guided: true })).toEqual([])
    const counts = { open: 2, forVisitor: 0, held: 0, failed: 0 }
    expect(kinds(tool({ status: { kind: 'untested' }, counts }, ago(61)))).toEqual(['late', 'untested'])
  })

  it('is that Shopify cannot be asked, and then not its consequence for the pixel', () => {
    const pixel = { ...PIXEL, trouble: 'revoked' }
    expect(kinds({ pixel })).toEqual(['pixel'])
    expect(kinds({ pixel, access: 'Open the app again.' })).toEqual(['access'])
  })

  it('is not what the guide says already', () => {
    const pixel = { ...PIXEL, state: 'inactive', id: null } as const
    const embed = { state: 'never', lastAt: null } as const
    const nothing = { pixel, storefront: { ...WELL.storefront, embed } }
    expect(kinds({ ...nothing, guided: true })).toEqual([])
    expect(kinds(nothing)).toEqual(['embedSilent', 'pixel'])
    expect(kinds({ ...nothing, ...tool({ status: { kind: 'none' } }) })).toEqual([])
  })
})
