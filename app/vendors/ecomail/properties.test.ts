/** What holds for Ecomail's requests whatever the events are. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHECKOUT_EVENT_TYPES, ORDER_EVENT_TYPES } from '../../events/types.ts'
import { order, planned, SHOP, storeEvent } from '../testing.ts'
import { ecomail } from './index.ts'
import { encodedLength } from './product.ts'
import { check } from './samples-rules.ts'
import { ecomailSettings } from './settings.ts'

const text = fc.option(
  fc.oneof(
    fc.constantFrom('', ' ', '#1001', '__proto__', '"\\\u0000', 'half \ud83d', 'é'.repeat(3000)),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.webUrl(),
  ),
)
const money = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), fc.nat({ max: 999 }))
  .map(([minus, units, rest]) => `${minus ? '-' : ''}${units}.${rest}`)
const product = fc.record({
  id: text,
  variantId: text,
  handle: text,
  title: text,
  variantTitle: text,
  sku: text,
  brand: text,
  category: text,
  tags: fc.array(fc.string({ maxLength: 80 }), { maxLength: 30 }),
  price: fc.option(money),
  currency: fc.constantFrom('EUR', 'CZK', null),
  url: text,
  imageUrl: text,
  metafields: fc.constant({}),
})
const line = fc.record({
  id: text,
  product,
  quantity: fc.nat({ max: 1000 }),
  unitPrice: money,
  total: money,
  tax: money,
})
const lines = fc.array(line, { maxLength: 60 })
const email = fc.oneof(fc.constant('shopper@example.com'), text)
const actor = email.map(address => ({
  ...storeEvent('search_submitted', { url: null, query: '' }).actor,
  email: address,
}))
const settings = fc.record({
  orderId: fc.constantFrom('order_id', 'order_name'),
  productView: fc.constantFrom('event', 'last_viewed'),
  productIdentifier: fc.constantFrom('product_id', 'variant_id', 'sku', 'handle'),
})
const parsed = settings.map(chosen => ecomailSettings.parse({ apiKey: 'k', ...chosen }))
const SECONDS = 60_000

describe('for any event', () => {
  it(
    'a basket’s value is never above 20,000 characters and always JSON',
    () => {
      fc.assert(
        fc.property(lines, actor, parsed, fc.integer({ min: 1, max: 8 }), (some, who, chosen, times) => {
          const all = Array.from({ length: times }, () => some).flat()
          const cart = { token: 'c1', currency: 'EUR', total: null, lines: all }
          const { steps, skips } = ecomail.plan(
            [planned(storeEvent('cart_updated', { cart }, { actor: who }))],
            chosen,
            SHOP,
          )
          expect(steps.length + skips.length).toBe(1)
          for (const { request } of steps) {
            const { value } = (request.body as { event: { value: string } }).event
            expect(value.length).toBeLessThanOrEqual(20_000)
            expect(JSON.parse(value)).toHaveProperty('data.data.products')
            expect(check(request)).toEqual([])
          }
        }),
        { numRuns: 60 },
      )
    },
    SECONDS,
  )

  it(
    'a view keeps the documented rules',
    () => {
      fc.assert(
        fc.property(product, text, actor, parsed, (seen, url, who, chosen) => {
          const event = storeEvent('product_viewed', { url, product: seen }, { actor: who })
          const { steps, skips } = ecomail.plan([planned(event)], chosen, SHOP)
          expect(steps.length + skips.length).toBe(1)
          for (const { request } of steps) expect(check(request)).toEqual([])
        }),
        { numRuns: 200 },
      )
    },
    SECONDS,
  )

  it(
    'a transaction keeps the documented rules, with finite amounts and a status of the closed set',
    () => {
      const status = fc.oneof(text, fc.constantFrom('paid', 'pending', 'refunded', 'voided', 'fulfilled'))
      const instant = fc.option(
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
      )
      const state = fc.record({
        name: text,
        cartToken: text,
        createdAt: instant.map(date => date?.toISOString() ?? null),
        cancelledAt: instant.map(date => date?.toISOString() ?? null),
        total: fc.option(money),
        tax: fc.option(money),
        shipping: fc.option(money),
        financialStatus: status,
        fulfillmentStatus: status,
        lines: fc.array(line, { maxLength: 5 }),
      })
      const type = fc.constantFrom(...ORDER_EVENT_TYPES)
      const memory = fc.constantFrom(null, { version: null, eventId: 'earlier' })
      fc.assert(
        fc.property(
          type,
          state,
          actor,
          parsed,
          memory,
          fc.string(),
          (kind, over, who, chosen, remembered, orderId) => {
            const data = { orderId, order: order(over), refund: null }
            const event = storeEvent(kind, data, { actor: who })
            const { steps, skips } = ecomail.plan([planned(event, { memory: remembered })], chosen, SHOP)
            expect(steps.length > 0).toBe(skips.length === 0)
            for (const { request } of steps) expect(check(request)).toEqual([])
          },
        ),
        { numRuns: 200 },
      )
    },
    SECONDS,
  )

  it(
    'a checkout is a basket or a skip',
    () => {
      const data = fc.record({ token: text, cartToken: text, lines: fc.array(line, { maxLength: 5 }) })
      fc.assert(
        fc.property(
          fc.constantFrom(...CHECKOUT_EVENT_TYPES),
          data,
          actor,
          parsed,
          (kind, over, who, chosen) => {
            const amounts = { currency: null, total: null, tax: null, shipping: null, discount: null }
            const checkout = { ...amounts, discountCodes: [], ...over }
            const { steps, skips } = ecomail.plan(
              [planned(storeEvent(kind, { checkout }, { actor: who }))],
              chosen,
              SHOP,
            )
            expect(steps.length + skips.length).toBe(1)
            for (const { request } of steps) expect(check(request)).toEqual([])
          },
        ),
        { numRuns: 100 },
      )
    },
    SECONDS,
  )

  it('the encoded length is never below what escaping slashes and letters beyond ASCII makes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), words => {
        const value = { words }
        const escaped = JSON.stringify(value)
          .replaceAll('/', '\\/')
          .replace(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        expect(encodedLength(value)).toBeGreaterThanOrEqual(escaped.length)
      }),
    )
  })
})
