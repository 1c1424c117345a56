/** When the pixel sends and keeps events: the theme's script beside it, answers, pages that are left. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { second, settled, Visit } from './pixel-sandbox.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')

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

describe('the pixel', () => {
  it('listens to what the wire knows, and to nothing else', () =>
    expect(visit.page().names).toEqual([
      'page_viewed',
      'collection_viewed',
      'product_viewed',
      'search_submitted',
      'product_added_to_cart',
      'product_removed_from_cart',
      'cart_viewed',
      'checkout_started',
      'checkout_contact_info_submitted',
      'checkout_completed',
    ]))

  it('sends what happens within a second together, then', async () => {
    const page = visit.page()
    view(page, 'a')
    await vi.advanceTimersByTimeAsync(999)
    view(page, 'b')
    expect(visit.batches).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(visit.sent).toEqual([['a', 'b']])
    await second()
    expect(visit.sent).toHaveLength(1)
    view(page, 'c')
    await second()
    expect(visit.sent).toEqual([['a', 'b'], ['c']])
  })

  it('sends a checkout at once', async () => {
    buy(visit.page(), 'a')
    await settled()
    expect(visit.sent).toEqual([['a']])
    expect(visit.told).toMatchObject([{ type: 'checkout_completed', subject: 'checkout:abc123' }])
  })

  it('leaves nothing behind of what was taken', async () => {
    view(visit.page(), 'a')
    await settled()
    expect(visit.waiting).toMatchObject([{ event: { id: 'a' } }])
    await second()
    expect(visit.waiting).toEqual([])
  })
})

describe("beside the theme's script", () => {
  it('only checkouts are sent', async () => {
    visit.embedRuns()
    const page = visit.page()
    view(page, 'a')
    buy(page, 'b')
    view(page, 'c')
    await second()
    expect(visit.sent).toEqual([['b']])
    expect(visit.waiting).toEqual([])
  })

  it('it is noticed however late within the second it runs', async () => {
    view(visit.page(), 'a')
    await vi.advanceTimersByTimeAsync(990)
    visit.embedRuns()
    await second()
    expect(visit.batches).toEqual([])
    expect(visit.waiting).toEqual([])
  })

  it.each([
    [10_000, []],
    [10_001, [['a']]],
  ])('one that ran %i ms before the page began leaves %j to send', async (ago, sent) => {
    visit.embedRuns()
    vi.setSystemTime(NOW + ago)
    view(visit.page(), 'a')
    await second()
    expect(visit.sent).toEqual(sent)
  })

  it('one that began after the first batch tells the rest', async () => {
    const page = visit.page()
    view(page, 'a')
    await second()
    visit.embedRuns()
    view(page, 'b')
    await second()
    expect(visit.sent).toEqual([['a']])
  })

  it('a page of an hour is still told by it', async () => {
    visit.embedRuns()
    const page = visit.page()
    await vi.advanceTimersByTimeAsync(3_600_000)
    view(page, 'a')
    await second()
    expect(visit.batches).toEqual([])
  })
})

describe('a page that is left before the second is over', () => {
  it('is told by the next one', async () => {
    const left = visit.page()
    view(left, 'a')
    await settled()
    left.leave()
    visit.page()
    await second()
    expect(visit.sent).toEqual([['a']])
    expect(visit.waiting).toEqual([])
  })

  it("is not told when the theme's script ran there, nor when it runs here", async () => {
    for (const runs of [() => visit.embedRuns(), () => {}]) {
      const left = visit.page()
      runs()
      view(left, 'a')
      await settled()
      left.leave()
      visit.page()
      visit.embedRuns()
      await second()
    }
    expect(visit.batches).toEqual([])
    expect(visit.waiting).toEqual([])
  })

  it('tells a checkout that was on its way again, as the same event', async () => {
    visit.answers = [new Promise(() => {})]
    const left = visit.page()
    buy(left, 'a')
    await settled()
    left.leave()
    visit.page()
    await second()
    expect(visit.sent).toEqual([['a']])
  })
})

describe('an answer', () => {
  it.each(['offline', 429, 500, 503] as const)(
    '%s: kept, and sent again with the next batch',
    async answer => {
      visit.answers = [answer]
      const page = visit.page()
      view(page, 'a')
      await second()
      await vi.advanceTimersByTimeAsync(60_000)
      expect(visit.sent).toEqual([['a']])
      view(page, 'b')
      await second()
      expect(visit.sent).toEqual([['a'], ['a', 'b']])
      expect(visit.batches[1]?.visitorId).toBe(visit.batches[0]?.visitorId)
      expect(visit.batches[1]?.events[0]).toEqual(visit.batches[0]?.events[0])
      expect(visit.waiting).toEqual([])
    },
  )

  it('missing: kept for the next page', async () => {
    visit.answers = ['offline']
    view(visit.page(), 'a')
    await second()
    visit.page()
    await second()
    expect(visit.sent).toEqual([['a'], ['a']])
  })

  it.each([202, 400, 401, 413])('%i: not sent again', async answer => {
    visit.answers = [answer]
    const page = visit.page()
    view(page, 'a')
    await second()
    view(page, 'b')
    await second()
    expect(visit.sent).toEqual([['a'], ['b']])
    expect(visit.waiting).toEqual([])
  })

  it('awaited does not hold up the next batch, and nothing goes twice meanwhile', async () => {
    visit.answers = [new Promise(() => {})]
    const page = visit.page()
    buy(page, 'a')
    await settled()
    buy(page, 'b')
    await settled()
    expect(visit.sent).toEqual([['b']])
  })
})

describe('what waits', () => {
  it('is at most fifty, the newest, sent in batches that fit', async () => {
    visit.answers = Array.from({ length: 60 }, () => 'offline' as const)
    const page = visit.page()
    for (let n = 0; n < 60; n++) {
      view(page, `e${n}`)
      await second()
    }
    expect(visit.waiting.map(({ event }) => event.id)).toEqual(
      Array.from({ length: 50 }, (_, n) => `e${n + 10}`),
    )
    visit.answers = []
    visit.batches.length = 0
    visit.page()
    await second()
    expect(visit.sent.flat()).toEqual(Array.from({ length: 50 }, (_, n) => `e${n + 10}`))
    expect(visit.waiting).toEqual([])
  })

  it('of two tabs is kept side by side, and either sends what is left of the other', async () => {
    visit.answers = ['offline', 'offline']
    const [one, other] = [visit.page(), visit.page()]
    buy(one, 'a')
    await settled()
    one.leave()
    buy(other, 'b')
    await settled()
    expect(visit.waiting.map(({ event }) => event.id)).toEqual(['a', 'b'])
    view(other, 'c')
    await second()
    expect(visit.sent.at(-1)).toEqual(['a', 'b', 'c'])
    expect(visit.waiting).toEqual([])
  })

  it('can be anything that others wrote, and harms nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string(), fc.constant('[{"event":{}}]')), async stored => {
        visit = new Visit()
        visit.stored.set('sluice:p', stored)
        buy(visit.page(), 'mine')
        await second()
        expect(visit.sent.flat()).toContain('mine')
        expect(visit.waiting).toEqual([])
      }),
    )
  })

  it('reaches the server once or more, whatever happens, and never without consent', async () => {
    const step = fc.constantFrom('view', 'buy', 'second', 'leave', 'offline', 'busy', 'tab')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
        visit = new Visit()
        let page = visit.page()
        const made: string[] = []
        for (const [n, what] of steps.entries()) {
          if (what === 'offline') visit.answers.push('offline')
          else if (what === 'busy') visit.answers.push(503)
          else if (what === 'second') await second()
          else if (what === 'tab') page = visit.page()
          else if (what === 'leave') {
            page.leave()
            page = visit.page()
          } else {
            made.push(`e${n}`)
            if (what === 'view') view(page, `e${n}`)
            else buy(page, `e${n}`)
            await settled()
          }
        }
        visit.answers = []
        visit.page()
        await second()
        await second()
        expect([...new Set(visit.sent.flat())].sort()).toEqual(made.sort())
        expect(new Set(visit.batches.map(batch => batch.visitorId)).size).toBeLessThanOrEqual(1)
      }),
    )
  })
})
