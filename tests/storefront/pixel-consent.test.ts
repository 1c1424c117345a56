/** What the visitor allows, and whom the pixel takes the visitor for. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { consent, second, settled, Visit } from './pixel-sandbox.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const DAY = 24 * 60 * 60 * 1000

let visit: Visit
beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
  visit = new Visit()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const checkout = { token: 'abc123', order: null, currencyCode: 'EUR', totalPrice: null, lineItems: [] }
type Page = ReturnType<Visit['page']>
const view = (page: Page, id: string) => page.publish('page_viewed', id)
const buy = (page: Page, id: string) => page.publish('checkout_completed', id, { checkout })

describe('consent', () => {
  it('that is missing: nothing is stored, nothing sent, and what was stored is deleted', async () => {
    visit.stored.set('sluice', '{"v":"v1","t":1}')
    visit.stored.set('sluice:p', '[]')
    const page = visit.page({ privacy: consent(false) })
    view(page, 'a')
    buy(page, 'b')
    await second()
    expect(visit.batches).toEqual([])
    expect([...visit.stored]).toEqual([])
  })

  it('given later holds from then on', async () => {
    const page = visit.page({ privacy: consent(false) })
    view(page, 'before')
    page.decide(true)
    view(page, 'after')
    await second()
    expect(visit.sent).toEqual([['after']])
  })

  it('withdrawn stops at once, and deletes what is stored', async () => {
    const page = visit.page()
    view(page, 'a')
    await second()
    view(page, 'b')
    await settled()
    expect([...visit.stored.keys()].sort()).toEqual(['sluice', 'sluice:p'])
    page.decide(false)
    view(page, 'c')
    buy(page, 'd')
    await second()
    expect(visit.sent).toEqual([['a']])
    expect([...visit.stored]).toEqual([])
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 8, 12])(
    'withdrawn while something is read or written, %i steps on, leaves nothing',
    async steps => {
      const page = visit.page()
      buy(page, 'a')
      for (let step = 0; step < steps; step++) await Promise.resolve()
      const before = visit.batches.length
      page.decide(false)
      await second()
      expect([...visit.stored]).toEqual([])
      expect(visit.batches.length).toBeLessThanOrEqual(Math.max(before, 1))
      expect(visit.waiting).toEqual([])
    },
  )

  it('withdrawn while a batch is on its way keeps nothing of it when it fails', async () => {
    let fail: (status: number) => void = () => {}
    visit.answers = [new Promise(resolve => (fail = resolve))]
    const page = visit.page()
    buy(page, 'a')
    await settled()
    page.decide(false)
    await settled()
    fail(503)
    await second()
    expect([...visit.stored]).toEqual([])
    page.decide(true)
    view(page, 'b')
    await second()
    expect(visit.sent).toEqual([['a'], ['b']])
  })

  it('given again begins with a new visitor', async () => {
    const page = visit.page()
    view(page, 'a')
    await second()
    page.decide(false)
    page.decide(true)
    view(page, 'b')
    await second()
    const [first, next] = visit.batches
    expect(next?.visitorId).not.toBe(first?.visitorId)
  })

  it('to marketing is that of the time of the event, one to a batch, and never more than now', async () => {
    const page = visit.page({ privacy: consent(true, false) })
    view(page, 'without')
    page.decide(true, true)
    view(page, 'with')
    await second()
    expect(visit.sent).toEqual([['without'], ['with']])
    expect(visit.batches.map(batch => batch.consent.marketing)).toEqual([false, true])
    view(page, 'revoked')
    page.decide(true, false)
    await second()
    expect(visit.batches.at(-1)).toMatchObject({
      consent: { analytics: true, marketing: false },
      events: [{ id: 'revoked' }],
    })
  })

  it('that is not plainly true is none', async () => {
    const privacy = { ...consent(true), analyticsProcessingAllowed: 'yes' } as unknown
    view(visit.page({ privacy: privacy as ReturnType<typeof consent> }), 'a')
    await second()
    expect(visit.batches).toEqual([])
  })
})

describe('the visitor', () => {
  const remember = (visitor: unknown) => visit.stored.set('sluice', JSON.stringify(visitor))
  const seenAs = async (customer: string | null = null) => {
    buy(visit.page({ customer }), 'x')
    await settled()
    return visit.batches.at(-1)?.visitorId
  }

  it("is the theme script's, which stays as it is", async () => {
    remember({ v: 'v1', t: NOW - DAY, e: 5, c: '7' })
    expect(await seenAs()).toBe('v1')
    expect(await seenAs('7')).toBe('v1')
    expect(visit.visitor).toEqual({ v: 'v1', t: NOW - DAY, e: 5, c: '7' })
  })

  it('is made when there is none, and stays', async () => {
    const made = await seenAs()
    expect(made).toMatch(/^[0-9a-f-]{36}$/)
    expect(visit.visitor).toEqual({ v: made, t: NOW })
    expect(await seenAs()).toBe(made)
  })

  it('stays the same when signing in, and is another for another customer', async () => {
    const made = await seenAs()
    expect(await seenAs('gid://shopify/Customer/7')).toBe(made)
    expect(visit.visitor).toMatchObject({ v: made, c: '7' })
    expect(await seenAs()).toBe(made)
    expect(await seenAs('8')).not.toBe(made)
    expect(visit.visitor).toMatchObject({ c: '8' })
  })

  it('of another customer is not told what the one before did', async () => {
    visit.answers = [503]
    buy(visit.page({ customer: '7' }), 'of-7')
    await second()
    visit.batches.length = 0
    buy(visit.page({ customer: '8' }), 'of-8')
    await second()
    expect(visit.sent).toEqual([['of-8']])
  })

  it('is another after thirteen months', async () => {
    remember({ v: 'v1', t: NOW - 396 * DAY })
    expect(await seenAs()).toBe('v1')
    remember({ v: 'v1', t: NOW - 396 * DAY - 1 })
    expect(await seenAs()).not.toBe('v1')
  })

  it.each(['{', 'null', '7', '[]', '{"v":7,"t":1}', '{"v":"a:b","t":1}', '{"v":"v1"}'])(
    'that others wrote as %s is made anew',
    async stored => {
      visit.stored.set('sluice', stored)
      expect(await seenAs()).toMatch(/^[0-9a-f-]{36}$/)
    },
  )

  it('is one for two batches that begin together', async () => {
    const page = visit.page()
    buy(page, 'a')
    buy(page, 'b')
    await second()
    expect(new Set(visit.batches.map(batch => batch.visitorId)).size).toBe(1)
    expect(visit.sent.flat().sort()).toEqual(['a', 'b'])
  })

  it('is none where nothing can be stored, and nothing is sent', async () => {
    visit.storageFails = true
    const page = visit.page()
    view(page, 'a')
    buy(page, 'b')
    await second()
    expect(visit.batches).toEqual([])
  })
})
