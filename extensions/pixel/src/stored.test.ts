/** The visitor: shared with the embed, one to a browser, one to a person. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { flush, NOON, TestBrowser, VIEW } from './testing.ts'

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
const visitors = () => browser.batches.map(batch => batch.visitorId)

describe('the visitor', () => {
  const view = async (options = {}) => {
    browser.open(options).publish('product_viewed', VIEW)
    await flush()
  }
  const known = (over: object) =>
    browser.local.set('sluice', JSON.stringify({ v: 'known', t: NOON - DAY, ...over }))

  it('is the one of the embed', async () => {
    known({ c: '7', e: NOON - DAY })
    const before = browser.local.get('sluice')
    await view()
    expect(visitors()).toEqual(['known'])
    expect(browser.local.get('sluice')).toBe(before)
  })

  it('is made once, and stays from page to page', async () => {
    await view()
    await view({ path: '/cs' })
    expect(new Set(visitors()).size).toBe(1)
    expect(browser.stored('sluice')).toEqual({ v: visitors()[0], t: NOON + 1000, c: null })
  })

  it.each([
    [396, false],
    [395, true],
  ])('after %d days is the same: %s', async (days, isSame) => {
    known({ t: NOON - days * DAY })
    await view()
    expect(visitors()[0] === 'known').toBe(isSame)
  })

  it.each([
    ['7', '7', true],
    ['7', undefined, true],
    [undefined, '7', true],
    [undefined, 'gid://shopify/Customer/7', true],
    ['7', '8', false],
  ])('of the customer %j, signed in as %j, is the same: %s', async (c, customer, isSame) => {
    known({ c })
    await view({ customer })
    expect(visitors()[0] === 'known').toBe(isSame)
    expect(browser.stored('sluice')).toMatchObject(customer ? { c: isSame ? '7' : '8' } : { v: 'known' })
  })

  it('keeps the marker of the embed when the customer is noted', async () => {
    known({ e: NOON - DAY })
    await view({ customer: '7' })
    expect(browser.stored('sluice')).toEqual({ v: 'known', t: NOON - DAY, c: '7', e: NOON - DAY })
  })

  it.each([
    '',
    '{',
    'null',
    '7',
    '[]',
    '"x"',
    '{"v":7,"t":1}',
    '{"v":"a:b","t":9999999999999}',
    '{"v":"ok"}',
    '{"v":"","t":9999999999999}',
  ])('stored as %s is none, and a new one is made', async text => {
    browser.local.set('sluice', text)
    await view()
    expect(visitors()).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)])
    expect(browser.stored('sluice')).toMatchObject({ v: visitors()[0] })
  })

  it('is the one that the embed made at the same moment', async () => {
    const set = browser.local.set.bind(browser.local)
    browser.local.set = (key, value) =>
      set(key, key === 'sluice' ? JSON.stringify({ v: 'of-the-embed', t: NOON, e: NOON - DAY }) : value)
    await view()
    expect(visitors()).toEqual(['of-the-embed'])
  })

  it('is one for the page where the browser stores nothing', async () => {
    browser.local.set = () => {
      throw new Error('QuotaExceededError')
    }
    browser.session.set = browser.local.set
    const page = browser.open()
    page.publish('product_viewed', VIEW)
    await flush()
    page.publish('product_viewed', VIEW)
    await flush()
    expect(visitors()).toHaveLength(2)
    expect(new Set(visitors()).size).toBe(1)
  })
})

describe('what one visitor left unsent is never sent as another’s', () => {
  const tell = async (options = {}) => {
    const page = browser.open(options)
    const id = page.publish('product_viewed', VIEW)
    await flush()
    page.leave()
    return id
  }
  const sent = () => browser.batches.map(({ visitorId, events }) => [visitorId, events.map(({ id }) => id)])
  const stored = () => [browser.stored(), browser.stored('sluice:p', 'session')]

  it.each([401, 503])('when another customer signs in, after %d', async status => {
    browser.answers = [status]
    const first = await tell({ customer: '7' })
    const second = await tell({ customer: '8' })
    const [one, other] = visitors()
    expect(other).not.toBe(one)
    expect(sent()).toEqual([
      [one, [first]],
      [other, [second]],
    ])
    expect(stored()).toEqual([null, null])
  })

  it('when the embed has made the other visitor before', async () => {
    browser.answers = [503]
    const first = await tell({ customer: '7' })
    browser.local.set('sluice', JSON.stringify({ v: 'of-the-embed', t: NOON, c: '8', e: NOON - DAY }))
    const second = await tell({ customer: '8' })
    expect(sent()).toEqual([
      [visitors()[0], [first]],
      ['of-the-embed', [second]],
    ])
    expect(stored()).toEqual([null, null])
  })

  it('when the page was left before there was a visitor at all', async () => {
    const page = browser.open({ customer: '7' })
    page.publish('product_viewed', VIEW)
    await vi.advanceTimersByTimeAsync(500)
    page.leave()
    const second = await tell({ customer: '8' })
    expect(sent()).toEqual([[visitors()[0], [second]]])
    expect(stored()).toEqual([null, null])
  })

  it('after thirteen months', async () => {
    browser.answers = [503]
    const first = await tell()
    vi.setSystemTime(NOON + 397 * DAY)
    const second = await tell()
    expect(browser.ids).toEqual([[first], [second]])
    expect(new Set(visitors()).size).toBe(2)
    expect(stored()).toEqual([null, null])
  })

  it('but the same person’s is, signed out, signed in or in between', async () => {
    browser.answers = [503, 503, 503]
    const ids = [await tell(), await tell({ customer: '7' }), await tell(), await tell({ customer: '7' })]
    expect(browser.ids.at(-1)).toEqual(ids)
    expect(new Set(visitors()).size).toBe(1)
  })

  it('in a tab of the first that is still open', async () => {
    browser.answers = [503]
    const page = browser.open({ customer: '7' })
    page.publish('product_viewed', VIEW)
    await flush()
    browser.session = new Map()
    const second = await tell({ customer: '8' })
    expect(sent().at(-1)).toEqual([visitors().at(-1), [second]])
  })
})
