import { describe, expect, it } from 'vitest'
import { translateBatch } from './storefront.ts'
import {
  batch,
  context,
  type Fields,
  product,
  RECEIVED_AT,
  translated,
  viewed,
} from './testing-storefront.ts'

const dataOf = (type: string, data: unknown) => {
  const { events, rejected } = translated([viewed({ type, data })])
  return events[0]?.data ?? rejected[0]
}
const reasonOf = (over: Fields) => translated([viewed(over)]).rejected[0]?.reason

const keyOf = (id: string, visitorId = '3f0c-visitor') =>
  translated([viewed({ id })], { visitorId }).events[0]?.dedupeKey

describe('the key of a storefront event', () => {
  it('is the same for the same event, and another for another event or visitor', () => {
    expect(keyOf('c0a8-1')).toBe(keyOf('c0a8-1'))
    expect(new Set([keyOf('c0a8-1'), keyOf('c0a8-2'), keyOf('c0a8-1', 'another')]).size).toBe(3)
  })

  it('does not tell the visitor: it stays when the person is erased', () => {
    expect(keyOf('c0a8-1')).not.toContain('3f0c-visitor')
  })
})

describe('a storefront event', () => {
  it('becomes a store event', () => {
    expect(translated([viewed()])).toEqual({
      events: [
        {
          type: 'product_viewed',
          source: 'storefront',
          dedupeKey: expect.stringMatching(/^sf:[0-9a-f]{32}$/),
          occurredAt: '2026-11-20T11:59:59.120Z',
          subject: null,
          version: null,
          actor: {
            visitorId: '3f0c-visitor',
            customerId: null,
            email: null,
            phone: null,
            firstName: null,
            lastName: null,
            address: null,
            attributes: {},
            consent: { analytics: true, marketing: false },
            acceptsMarketing: null,
          },
          data: {
            url: 'https://lantern.example.com/products/brass-lantern',
            product: {
              id: '8012345678901',
              variantId: '43012345678901',
              handle: 'brass-lantern',
              title: 'Brass Lantern',
              variantTitle: 'Large',
              sku: 'BL-L',
              brand: 'Glow',
              category: 'Lamps',
              tags: [],
              price: '49.90',
              currency: 'EUR',
              url: 'https://lantern.example.com/products/brass-lantern',
              imageUrl: 'https://cdn.example.com/lantern.jpg',
              metafields: {},
            },
          },
        },
      ],
      rejected: [],
      refusal: null,
    })
  })

  it.each([
    ['page_viewed', { page: { type: 'index', title: 'Home', referrer: 'android-app://com.example' } }],
    [
      'collection_viewed',
      { collection: { id: '1', handle: 'lamps', title: 'Lamps', path: '/collections/lamps' } },
    ],
    ['search_submitted', { query: 'lantern' }],
  ])('%s keeps its data', (type, data) => expect(dataOf(type, data)).toMatchObject(data))

  it.each(['product_added_to_cart', 'product_removed_from_cart'])('%s carries its quantity', type => {
    expect(dataOf(type, { product: product(), quantity: 2 })).toMatchObject({
      quantity: 2,
      product: { brand: 'Glow' },
    })
    expect(dataOf(type, { product: product(), quantity: '3' })).toMatchObject({ quantity: 3 })
    expect(dataOf(type, { product: product(), quantity: 0 })).toMatchObject({
      reason: expect.stringMatching(/^data.quantity: /),
    })
  })

  it('cart_viewed carries lines priced by quantity', () => {
    const items = [
      { ...product({ currency: null }), quantity: 3 },
      { product: product({ price: null }), quantity: 1 },
    ]
    expect(
      dataOf('cart_viewed', { cart: { token: 'hWN1?key=x', currency: 'EUR', total: 149.7, items } }),
    ).toMatchObject({
      cart: {
        token: 'hWN1',
        total: '149.7',
        lines: [
          { quantity: 3, unitPrice: '49.90', total: '149.70', tax: '0', product: { currency: 'EUR' } },
          { quantity: 1, unitPrice: '0', total: '0', product: { price: null, id: '8012345678901' } },
        ],
      },
    })
  })

  it('takes prices and ids as numbers too', () => {
    expect(
      dataOf('product_viewed', { product: product({ id: 8012345678901, price: 139.99 }) }),
    ).toMatchObject({
      product: { id: '8012345678901', price: '139.99' },
    })
    expect(dataOf('product_viewed', { product: product({ price: 0.1 + 0.2 }) })).toMatchObject({
      product: { price: '0.3' },
    })
  })

  it('may leave out nearly everything', () => {
    const bare = { id: '1', type: 'product_viewed', at: '2026-11-20T11:59:58Z', data: { product: {} } }
    expect(translated([bare])).toMatchObject({ events: [{ data: { url: null, product: { id: null } } }] })
  })

  it('has whole addresses where the page tells them from its own root', () => {
    const wire = product({ url: '/products/soap?variant=1', imageUrl: '//cdn.example.com/soap.jpg' })
    expect(dataOf('product_viewed', { product: wire })).toMatchObject({
      product: {
        url: 'https://lantern.example.com/products/soap?variant=1',
        imageUrl: 'https://cdn.example.com/soap.jpg',
      },
    })
    const [event] = translated([
      viewed({ url: undefined, data: { product: product({ url: '/products/soap' }) } }),
    ]).events
    expect(event?.data).toMatchObject({ product: { url: '/products/soap' } })
  })

  it('from a page with a very long address keeps what there is room for', () => {
    const long = `https://lantern.example.com/?${'utm=1&'.repeat(1000)}`
    const page = { type: 'index', title: 'Home', referrer: long }
    const { events, rejected } = translated([viewed({ type: 'page_viewed', url: long, data: { page } })])
    expect(rejected).toEqual([])
    expect(events[0]?.data).toMatchObject({
      url: long.slice(0, 2048),
      page: { referrer: long.slice(0, 2048) },
    })
  })
})

describe('the person behind a batch', () => {
  it('is whom Shopify attests, never whom the body names', () => {
    const body = batch([viewed({ customerId: '666', actor: { customerId: '666' } })], { customerId: '666' })
    const result = translateBatch(body, { ...context, customerId: '7' })
    expect(result).toMatchObject({ events: [{ actor: { customerId: '7' } }] })
    expect(JSON.stringify(translateBatch(body, context))).not.toContain('666')
  })

  it('has the source it came by', () => {
    expect(translateBatch(batch([viewed()]), { ...context, source: 'pixel' })).toMatchObject({
      events: [{ source: 'pixel' }],
    })
  })

  it.each([[undefined], [null], ['yes'], [{ analytics: 'true', marketing: 1 }], [{ marketing: true }]])(
    'has not allowed anything where consent is %j, and refused nothing',
    consent => {
      expect(translated([viewed()], { consent })).toEqual({
        events: [],
        rejected: [{ index: 0, reason: 'consent: analytics is not allowed' }],
        refusal: null,
      })
    },
  )

  it('refuses with a batch that says so, of which no event is kept, when its newest event was', () => {
    const consent = { analytics: false, marketing: true }
    const old = viewed({ at: '2026-11-20T11:00:00Z' })
    expect(translated([old, viewed(), { type: 'nonsense' }], { consent })).toMatchObject({
      events: [],
      rejected: [{ index: 0 }, { index: 1 }, { index: 2 }],
      refusal: { visitorId: '3f0c-visitor', consent, at: '2026-11-20T11:59:59.120Z' },
    })
    expect(translated([], { consent }).refusal?.at).toBe(RECEIVED_AT.toISOString())
  })
})

describe('the time of an event', () => {
  const at = (event: string, sentAt: unknown) =>
    translated([viewed({ at: event })], { sentAt }).events[0]?.occurredAt

  it('is corrected by the clock of the browser, fast or slow', () => {
    expect(at('2026-11-20T13:00:00Z', '2026-11-20T13:00:10Z')).toBe('2026-11-20T11:59:51.000Z')
    expect(at('2020-01-01T00:00:00Z', '2020-01-01T00:00:10Z')).toBe('2026-11-20T11:59:51.000Z')
  })

  it('is never in the future', () => {
    expect(at('2026-11-20T13:00:00Z', '2026-11-20T12:00:00Z')).toBe('2026-11-20T12:00:01.000Z')
    expect(at('2027-01-01T00:00:00Z', undefined)).toBe('2026-11-20T12:00:01.000Z')
  })

  it('stands as it is where the sending has no time', () => {
    expect(at('2026-11-20T11:00:00+01:00', 'now')).toBe('2026-11-20T10:00:00.000Z')
  })

  it('is refused when implausibly old', () => {
    expect(reasonOf({ at: '0001-01-01T00:00:00Z' })).toBe('at: is too old')
  })
})
