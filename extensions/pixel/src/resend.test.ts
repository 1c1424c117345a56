/** Nothing is lost, and nothing sent again needlessly: answers, pages that are left, storage of others. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkoutOf, flush, NOON, settle, TestBrowser, VIEW } from './testing.ts'

let browser: TestBrowser
beforeEach(() => {
  vi.useFakeTimers({ now: NOON })
  browser = new TestBrowser()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const DAY = 24 * 60 * 60 * 1000
const ids = (list: unknown) => (list as { event: { id: string } }[]).map(({ event }) => event.id)

describe('sending again', () => {
  it.each([200, 202, 400, 413])('never follows %d', async status => {
    browser.answers = [status]
    const page = browser.open()
    page.publish('product_viewed', VIEW)
    await flush()
    page.publish('checkout_started', checkoutOf())
    await flush()
    expect(browser.types).toEqual([['product_viewed'], ['checkout_started']])
    expect([browser.stored(), browser.stored('sluice:p', 'session')]).toEqual([null, null])
  })

  it.each([new TypeError('Failed to fetch'), 401, 429, 500, 503])(
    'follows %s: with the next flush, and the same ids',
    async answer => {
      browser.answers = [answer]
      const page = browser.open()
      const first = page.publish('product_viewed', VIEW)
      await flush()
      expect(ids(browser.stored())).toEqual([first])
      const second = page.publish('product_viewed', VIEW)
      await flush()
      expect(browser.ids).toEqual([[first], [first, second]])
      expect([browser.stored(), browser.stored('sluice:p', 'session')]).toEqual([null, null])
    },
  )

  it('happens on the next page, also in another tab, and asks once', async () => {
    browser.answers = [503, 503]
    const page = browser.open()
    const id = page.publish('checkout_completed', checkoutOf())
    await flush()
    page.leave()
    browser.session.clear()
    browser.open({ path: '/pages/about' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(browser.ids).toEqual([[id], [id]])
    browser.open()
    await flush()
    expect(browser.ids).toEqual([[id], [id], [id]])
    expect(browser.stored()).toBeNull()
  })

  it('keeps consent as it was, and the time of the event', async () => {
    browser.answers = [503]
    const page = browser.open({ marketing: false })
    page.publish('product_viewed', VIEW)
    await flush()
    page.leave()
    vi.setSystemTime(NOON + DAY)
    browser.open({ marketing: true })
    await flush()
    expect(browser.batches[1]).toMatchObject({
      consent: { analytics: true, marketing: false },
      events: [{ at: '2026-11-20T12:00:00.000Z' }],
    })
  })

  it('a shop that did not know its page’s address or key yet (401) loses nothing by it', async () => {
    browser.answers = [401]
    const page = browser.open()
    const first = page.publish('checkout_started', checkoutOf())
    await flush()
    page.leave()
    browser.session.clear()
    const second = browser.open().publish('checkout_started', checkoutOf({ token: 'other' }))
    await flush()
    expect(browser.accepted).toEqual([first, second])
  })

  it.each([401, 503])('keeps the newest 50 of what is answered %d', async status => {
    browser.answers = Array.from({ length: 200 }, () => status)
    const page = browser.open()
    const published: string[] = []
    for (let count = 0; count < 60; count += 1) {
      published.push(page.publish('product_viewed', VIEW))
      await flush()
    }
    expect(ids(browser.stored())).toEqual(published.slice(10))
    expect(ids(browser.stored('sluice:p', 'session'))).toEqual(published.slice(10))
  })

  it('ends where the browser does not let go of what it keeps', async () => {
    browser.answers = [503]
    const page = browser.open()
    const id = page.publish('product_viewed', VIEW)
    await flush()
    browser.local.delete = () => false
    page.publish('checkout_started', checkoutOf())
    await vi.advanceTimersByTimeAsync(60_000)
    expect(browser.ids.flat().filter(sent => sent === id)).toHaveLength(2)
    expect(browser.requests).toHaveLength(2)
  })

  it.each(['{', 'null', '7', '{}', '[null]', '[7]', '[{}]', '[{"event":null}]'])(
    'of what somebody else stored as %s is none, and harms nothing',
    async text => {
      browser.local.set('sluice:p', text)
      browser.session.set('sluice:p', text)
      const id = browser.open().publish('product_viewed', VIEW)
      await flush()
      expect(browser.ids).toEqual([[id]])
    },
  )

  it('of something that never fits into a batch does not hold up the rest', async () => {
    const huge = { event: { id: 'huge', type: 'product_viewed', data: 'x'.repeat(100_000) }, marketing: true }
    browser.local.set('sluice:p', JSON.stringify([huge]))
    const id = browser.open().publish('product_viewed', VIEW)
    await flush()
    expect(browser.ids).toEqual([[id]])
  })
})

describe('a page that is left before its events are sent', () => {
  it('leaves them to the next page, which sends them once', async () => {
    const page = browser.open()
    const first = page.publish('product_viewed', VIEW)
    await settle()
    page.leave()
    const second = browser.open().publish('page_viewed', {})
    await flush()
    expect(browser.ids).toEqual([[first, second]])
    browser.open()
    await flush()
    expect(browser.requests).toHaveLength(1)
  })

  it('also over several pages', async () => {
    const left: string[] = []
    for (let count = 0; count < 3; count += 1) {
      const page = browser.open()
      left.push(page.publish('product_viewed', VIEW))
      await settle()
      page.leave()
    }
    browser.open()
    await flush()
    expect(browser.ids).toEqual([left])
  })

  it('while they are on their way makes the next page send the same again, as the same events', async () => {
    browser.answers = [new Promise(() => {})]
    const page = browser.open()
    const id = page.publish('checkout_started', checkoutOf())
    await settle()
    page.leave()
    browser.open()
    await flush()
    expect(browser.ids).toEqual([[id], [id]])
  })

  it('in another tab is none of this one', async () => {
    const page = browser.open()
    page.publish('product_viewed', VIEW)
    await settle()
    const ofFirstTab = browser.session
    browser.session = new Map()
    const id = browser.open().publish('checkout_started', checkoutOf())
    await settle()
    expect(browser.ids).toEqual([[id]])
    browser.session = ofFirstTab
  })
})

const step = fc.oneof(
  fc.constantFrom('view' as const, 'checkout' as const, 'leave' as const, 'down' as const, 'up' as const),
  fc.nat(2000),
)

it('whatever a visitor does while the app comes and goes, each event is taken once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
      const visit = new TestBrowser()
      let page = visit.open()
      const published: string[] = []
      for (const next of steps) {
        if (next === 'view') published.push(page.publish('product_viewed', VIEW))
        else if (next === 'checkout') published.push(page.publish('checkout_started', checkoutOf()))
        else if (next === 'up') visit.answers = []
        else if (next === 'down') visit.answers = Array.from({ length: 100 }, () => 503)
        else if (next === 'leave') {
          await settle()
          page.leave()
          page = visit.open()
        } else await vi.advanceTimersByTimeAsync(next)
      }
      visit.answers = []
      await settle()
      page.leave()
      visit.open()
      await flush()
      expect(visit.accepted.toSorted()).toEqual(published.toSorted())
      expect([visit.stored(), visit.stored('sluice:p', 'session')]).toEqual([null, null])
    }),
  )
})
