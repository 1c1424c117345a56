/** The suite notices what it is there for: each fault here is one that a careless vendor would have. */
import { describe, expect, it } from 'vitest'
import { announcementFaults } from './conformance-announcing.ts'
import { planFaults, requestFaults } from './conformance-planning.ts'
import { readingFaults } from './conformance-reading.ts'
import { planned, product, storeEvent } from './testing.ts'
import type { Announcement, Limit, Plan, Reading, Step, VendorRequest } from './vendor.ts'

const request = (over: Partial<VendorRequest> = {}): VendorRequest => ({
  method: 'POST',
  url: 'https://vendor.example.com/events',
  headers: { 'Content-Type': 'application/json', key: 'secret-1' },
  body: { a: 1 },
  ...over,
})

describe('requestFaults', () => {
  const faults = (over: Partial<VendorRequest>): string[] => requestFaults(request(over), ['secret-1', 'ä b'])
  it('finds nothing wrong with a good request', () => expect(faults({})).toEqual([]))
  it('finds a relative address', () => expect(faults({ url: '/events' })).toHaveLength(1))
  it('finds plain http', () => expect(faults({ url: 'http://vendor.example.com' })).toHaveLength(1))
  it('finds a secret in the url', () =>
    expect(faults({ url: 'https://vendor.example.com/?k=secret-1' })).toHaveLength(1))
  it('finds an escaped secret in the url', () =>
    expect(faults({ url: 'https://vendor.example.com/?k=%C3%A4%20b' })).toHaveLength(1))
  it('finds a secret in the body', () => expect(faults({ body: { a: ['secret-1'] } })).toHaveLength(1))
  it('finds a body without a content type', () => expect(faults({ headers: {} })).toHaveLength(1))
  it('finds a header that HTTP refuses', () => {
    expect(faults({ headers: { 'content-type': 'application/json', a: 'b\nc' } })).toHaveLength(1)
  })
  it('finds a body that JSON changes', () =>
    expect(() => faults({ body: { a: Number.NaN } })).toThrow(/survive JSON/))
})

describe('planFaults', () => {
  const first = planned(storeEvent('product_viewed', { url: null, product: product() }))
  const id = first.event.id
  const step = (over: Partial<Step> = {}): Step => ({
    name: 'event',
    deliveries: [id],
    request: request(),
    ...over,
  })
  const faults = (plan: Partial<Plan>): string[] => planFaults({ steps: [], skips: [], ...plan }, [first], 1)

  it('finds nothing wrong with one step', () => expect(faults({ steps: [step()] })).toEqual([]))
  it('finds nothing wrong with two steps of two names', () => {
    expect(faults({ steps: [step(), step({ name: 'more' })] })).toEqual([])
  })
  it('finds nothing wrong with a skip', () =>
    expect(faults({ skips: [{ delivery: id, reason: 'no_email' }] })).toEqual([]))
  it('finds a delivery left out', () => expect(faults({}).join()).toMatch(/neither/))
  it('finds a delivery both sent and skipped', () => {
    expect(faults({ steps: [step()], skips: [{ delivery: id, reason: 'no_email' }] }).join()).toMatch(/both/)
  })
  it('finds a delivery sent twice', () => expect(faults({ steps: [step(), step()] }).join()).toMatch(/twice/))
  it('finds a delivery skipped twice', () => {
    const skip = { delivery: id, reason: 'no_email' } as const
    expect(faults({ skips: [skip, skip] }).join()).toMatch(/skipped 2 times/)
  })
  it('finds an invented delivery', () =>
    expect(faults({ steps: [step({ deliveries: [id, 'x'] })] }).join()).toMatch(/not among/))
  it('finds a step that is too large', () =>
    expect(faults({ steps: [step({ deliveries: [id, 'x'] })] }).join()).toMatch(/limits/))
  it('finds an empty step', () =>
    expect(faults({ steps: [step(), step({ name: 'b', deliveries: [] })] }).join()).toMatch(/nothing/))
  it('finds an unknown reason', () => {
    const skip = { delivery: id, reason: 'mood' as 'no_email' }
    expect(faults({ skips: [skip] }).join()).toMatch(/SKIP_REASONS/)
  })
  it('finds personal data in a detail', () => {
    expect(faults({ skips: [{ delivery: id, reason: 'no_email', detail: 'a@example.com' }] }).join()).toMatch(
      /personal/,
    )
  })
})

describe('readingFaults', () => {
  const messages = { merchant: 'It was rejected.', log: 'answered 400' }
  it.each<[string, Reading, RegExp | null]>([
    ['a plain delivery', { kind: 'delivered' }, null],
    ['a good retry', { kind: 'retry', ...messages }, null],
    ['an unknown kind', { kind: 'perhaps' as 'refused', ...messages }, /kind/],
    ['no sentence', { kind: 'refused', merchant: 'no', log: 'x' }, /sentence/],
    ['no log', { kind: 'refused', merchant: 'It is so.', log: '' }, /log/],
    ['no time', { kind: 'retry', notBefore: new Date('x'), ...messages }, /time/],
    ['an unknown skip reason', { kind: 'skip', reason: 'mood' as 'no_email', ...messages }, /reason/],
    ['an unknown dead reason', { kind: 'dead', reason: 'mood' as 'rejected', ...messages }, /reason/],
    ['a nameless fact', { kind: 'learned', fact: '', ...messages }, /fact/],
    ['an address', { kind: 'refused', merchant: 'No shopper@example.com here.', log: 'x' }, /e-mail/],
    ['a book', { kind: 'refused', merchant: 'It is so.', log: 'x'.repeat(5000) }, /longer/],
  ])('judges %s', (_, reading, fault) => {
    if (fault) expect(readingFaults(reading).join()).toMatch(fault)
    else expect(readingFaults(reading)).toEqual([])
  })
})

describe('announcementFaults', () => {
  const limits: Limit[] = [{ scope: 'key', requests: 10, windowSeconds: 60 }]
  it.each<[string, Announcement | null, RegExp | null]>([
    ['nothing', null, null],
    ['a good one', { scope: 'key', limit: 9, remaining: 0, resetAt: new Date(0) }, null],
    ['a negative limit', { limit: -1 }, /limit -1/],
    ['half a request', { remaining: 0.5 }, /remaining 0.5/],
    ['no number', { remaining: Number.NaN }, /remaining NaN/],
    ['a number beyond all', { limit: 1e300 }, /limit 1e\+300/],
    ['no time', { remaining: 1, resetAt: new Date('x') }, /time/],
    ['a limit that is not declared', { scope: 'address', remaining: 1 }, /scope address/],
  ])('judges %s', (_, said, fault) => {
    if (fault) expect(announcementFaults(said, limits).join()).toMatch(fault)
    else expect(announcementFaults(said, limits)).toEqual([])
  })
})
