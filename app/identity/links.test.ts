import { describe, expect, it } from 'vitest'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { orderEvent, storeEvent } from '../vendors/testing.ts'
import { saidIn } from './links.ts'

const PIXEL = new Set([1])
const said = (event: StoreEvent, joining: ReadonlySet<number> = PIXEL) =>
  saidIn([{ shopId: 1, event }], joining)
const search = (over: Partial<StoreEvent>) => storeEvent('search_submitted', { url: null, query: 'x' }, over)
const actor = (over: object) => ({ ...NOBODY, visitorId: 'v1', ...over })
const checkoutOf = (over: Partial<StoreEvent>, token: string | null = 'c0ffee') =>
  storeEvent(
    'checkout_updated',
    {
      checkout: {
        ...{ token, cartToken: null, currency: null, total: null, tax: null, shipping: null },
        ...{ discount: null, discountCodes: [], lines: [] },
      },
    },
    { source: 'webhook', ...over },
  )
const withActor = (event: StoreEvent, over: object): StoreEvent => ({ ...event, actor: actor(over) })

describe('what attests who a visitor is', () => {
  it('is the customer whom Shopify signed on a batch', () => {
    expect(said(search({ actor: actor({ customerId: '7' }) }))).toEqual({
      sessions: [{ shopId: 1, visitorId: 'v1', customerId: '7', at: '2026-11-20T12:00:00.000Z' }],
      checkouts: [],
      attested: [],
    })
  })

  it('is an order with the attribute, by its checkout, or by itself where it has none', () => {
    const person = { customerId: '7', email: 'jane@example.com', acceptsMarketing: true }
    const one = withActor(orderEvent('order_created'), person)
    expect(said(one).checkouts).toEqual([
      {
        shopId: 1,
        token: 'checkout:checkout-token-1',
        visitorId: 'v1',
        person,
        at: '2026-11-20T12:00:05.000Z',
      },
    ])
    const counter = withActor(orderEvent('order_created', { checkoutToken: null }), person)
    expect(said(counter).checkouts).toMatchObject([{ token: 'order:5123456789012' }])
  })

  it('is a pixel’s checkout, without a person', () => {
    const told = checkoutOf({ source: 'pixel', actor: actor({ customerId: '7', email: 'jane@example.com' }) })
    expect(said(told)).toMatchObject({
      sessions: [],
      checkouts: [{ token: 'checkout:c0ffee', visitorId: 'v1', person: null }],
    })
  })

  it('is a checkout without a visitor only where a pixel may name one', () => {
    const told = checkoutOf({ actor: actor({ visitorId: null, email: 'jane@example.com' }) })
    expect(said(told).checkouts).toHaveLength(1)
    expect(said(told, new Set())).toEqual({ sessions: [], checkouts: [], attested: [] })
    const both = checkoutOf({ actor: actor({ email: 'jane@example.com' }) })
    expect(said(both, new Set())).toMatchObject({ checkouts: [], attested: [{ visitorId: 'v1' }] })
  })
})

describe('what attests nothing', () => {
  it.each<[string, StoreEvent]>([
    ['an anonymous view', search({ actor: actor({}) })],
    ['a customer in what a pixel says', search({ source: 'pixel', actor: actor({ customerId: '7' }) })],
    ['an address in what a browser says', search({ actor: actor({ email: 'jane@example.com' }) })],
    [
      'a visitor that no storefront would make',
      search({ actor: actor({ visitorId: 'a b', customerId: '7' }) }),
    ],
    ['a checkout without a token', checkoutOf({ actor: actor({ email: 'jane@example.com' }) }, null)],
    ['a token that no key can be', checkoutOf({ actor: actor({ email: 'j@example.com' }) }, 'x'.repeat(300))],
    [
      'a customer who is signed in and refuses to be followed',
      search({ actor: actor({ customerId: '7', consent: { analytics: false, marketing: false } }) }),
    ],
    [
      'an order whose visitor has refused to be followed',
      withActor(orderEvent('order_created'), {
        customerId: '7',
        consent: { analytics: false, marketing: false },
      }),
    ],
    ['a checkout that names neither', checkoutOf({ actor: actor({ visitorId: null }) })],
    [
      'an address longer than there are',
      checkoutOf({ actor: actor({ visitorId: null, email: 'x'.repeat(400) }) }),
    ],
  ])('%s', (_, event) => {
    expect(said(event)).toEqual({ sessions: [], checkouts: [], attested: [] })
  })
})
