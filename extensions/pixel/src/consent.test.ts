/** Without consent to analytics nothing is sent and nothing stored; consent is as it was at the time of the event. */
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

const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000)
const nothingIsStored = () => expect([browser.local.size, browser.session.size]).toEqual([0, 0])

describe('while nothing is allowed', () => {
  it('nothing is sent and nothing stored, however long it takes', async () => {
    const page = browser.open({ analytics: false })
    page.publish('product_viewed', VIEW)
    page.publish('checkout_started', checkoutOf())
    await minutes(10)
    expect(browser.requests).toEqual([])
    nothingIsStored()
  })

  it('marketing alone is not enough', async () => {
    browser.open({ analytics: false, marketing: true }).publish('product_viewed', VIEW)
    await minutes(1)
    expect(browser.requests).toEqual([])
    nothingIsStored()
  })

  it('what was kept with an earlier consent is deleted', async () => {
    for (const key of ['sluice', 'sluice:p']) browser.local.set(key, '[]')
    browser.session.set('sluice:p', '[]')
    browser.local.set('cart', 'of the theme')
    browser.open({ analytics: false })
    await settle()
    expect([...browser.local.keys()]).toEqual(['cart'])
    expect(browser.session.size).toBe(0)
  })

  it('at most 50 events wait, the newest', async () => {
    const page = browser.open({ analytics: false })
    const ids = Array.from({ length: 60 }, () => page.publish('product_viewed', VIEW))
    page.choose(true)
    await flush()
    expect(browser.ids.flat()).toEqual(ids.slice(10))
  })
})

describe('a decision', () => {
  it('for it sends what waited, with that consent', async () => {
    const page = browser.open({ analytics: false, marketing: false })
    const id = page.publish('product_viewed', VIEW)
    await minutes(1)
    page.choose(true, false)
    await flush()
    expect(browser.ids).toEqual([[id]])
    expect(browser.batches[0]?.consent).toEqual({ analytics: true, marketing: false })
    expect(browser.stored('sluice')).toEqual({ v: browser.batches[0]?.visitorId, t: Date.now(), c: null })
  })

  it('for both sends it with both', async () => {
    const page = browser.open({ analytics: false, marketing: false })
    page.publish('product_viewed', VIEW)
    page.choose(true)
    await flush()
    expect(browser.batches[0]?.consent).toEqual({ analytics: true, marketing: true })
  })

  it('against it drops what waited, and what comes', async () => {
    const page = browser.open({ analytics: false })
    page.publish('product_viewed', VIEW)
    page.choose(false)
    page.publish('checkout_started', checkoutOf())
    await minutes(1)
    page.choose(true)
    await minutes(1)
    expect(browser.requests).toEqual([])
    const id = page.publish('product_viewed', VIEW)
    await flush()
    expect(browser.ids).toEqual([[id]])
  })
})

describe('a withdrawal', () => {
  it('stops at once, and deletes everything that is ours', async () => {
    browser.answers = [503]
    const page = browser.open()
    page.publish('product_viewed', VIEW)
    await flush()
    page.publish('product_viewed', VIEW)
    await settle()
    browser.local.set('cart', 'of the theme')
    expect([...browser.local.keys()].sort()).toEqual(['cart', 'sluice', 'sluice:p'])
    expect(browser.session.size).toBe(1)
    page.choose(false)
    page.publish('checkout_completed', checkoutOf())
    await minutes(10)
    expect([...browser.local.keys()]).toEqual(['cart'])
    expect(browser.session.size).toBe(0)
    expect(browser.requests).toHaveLength(1)
  })

  it('while a batch is on its way keeps nothing of it, whatever is answered', async () => {
    const answer = Promise.withResolvers<number>()
    browser.answers = [answer.promise]
    const page = browser.open()
    page.publish('product_viewed', VIEW)
    await flush()
    expect(browser.requests).toHaveLength(1)
    page.choose(false)
    answer.resolve(503)
    await minutes(1)
    nothingIsStored()
    page.choose(true)
    await minutes(1)
    expect(browser.requests).toHaveLength(1)
  })

  it('between the first look and the sending stops the sending', async () => {
    const page = browser.open()
    await settle()
    page.publish('checkout_started', checkoutOf())
    page.choose(false)
    await minutes(1)
    expect(browser.requests).toEqual([])
    nothingIsStored()
  })

  it('in another tab, which this one sees by the visitor being gone, stops it too', async () => {
    browser.local.set('sluice', JSON.stringify({ v: 'known', t: NOON }))
    const page = browser.open()
    page.publish('product_viewed', VIEW)
    await settle()
    browser.local.delete('sluice')
    await minutes(1)
    page.publish('checkout_started', checkoutOf())
    await minutes(1)
    expect(browser.requests).toEqual([])
    nothingIsStored()
    page.choose(true)
    const id = page.publish('product_viewed', VIEW)
    await flush()
    expect(browser.ids).toEqual([[id]])
  })

  it('and a yes in another tab is seen only by a choice or a page: what waits here is not sent', async () => {
    const page = browser.open()
    page.publish('product_viewed', VIEW)
    await flush()
    expect(browser.requests).toHaveLength(1)
    browser.local.delete('sluice')
    page.publish('product_viewed', VIEW)
    await minutes(1)
    browser.local.set('sluice', JSON.stringify({ v: 'new', t: NOON }))
    page.publish('product_viewed', VIEW)
    await minutes(1)
    expect(browser.requests).toHaveLength(1)
    const id = browser.open().publish('product_viewed', VIEW)
    await flush()
    expect(browser.ids[1]).toEqual([id])
  })

  it('and a yes afterwards make a new visitor', async () => {
    const page = browser.open()
    page.publish('product_viewed', VIEW)
    await flush()
    page.choose(false)
    page.choose(true)
    page.publish('product_viewed', VIEW)
    await flush()
    const [first, second] = browser.batches.map(batch => batch.visitorId)
    expect(browser.batches).toHaveLength(2)
    expect(second).not.toBe(first)
  })
})

describe('marketing', () => {
  it('withdrawn between the event and the sending is a no', async () => {
    const page = browser.open()
    page.publish('product_viewed', VIEW)
    page.choose(true, false)
    await flush()
    expect(browser.batches.map(({ consent }) => consent)).toEqual([{ analytics: true, marketing: false }])
  })

  it('allowed afterwards does not count for what was before: a batch has one consent', async () => {
    const page = browser.open({ marketing: false })
    const before = page.publish('product_viewed', VIEW)
    page.choose(true, true)
    const after = page.publish('product_viewed', VIEW)
    await flush()
    expect(browser.batches.map(({ consent, events }) => [consent.marketing, events[0]?.id])).toEqual([
      [false, before],
      [true, after],
    ])
  })
})
