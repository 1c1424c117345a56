import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Product } from '../../events/data.ts'
import type { StoreEvent } from '../../events/store-event.ts'
import { orderEvent, planned, product, SHOP, storeEvent } from '../testing.ts'
import type { Planned } from '../vendor.ts'
import { topmail } from './index.ts'
import { check } from './samples.ts'
import { topmailSettings } from './settings.ts'

const settings = topmailSettings.parse({ apiKey: 'tm_live_1' })
const creating = topmailSettings.parse({ apiKey: 'tm_live_1', createContacts: true })
const plan = (event: StoreEvent, over: Partial<Planned> = {}, chosen = settings, shop = SHOP) =>
  topmail.plan([planned(event, over)], chosen, shop)
const skip = (...given: Parameters<typeof plan>) => plan(...given).skips[0]
const body = (...given: Parameters<typeof plan>) => plan(...given).steps[0]?.request.body
const names = (...given: Parameters<typeof plan>) => plan(...given).steps.map(step => step.name)

const view = (over: Partial<Product> = {}, url: string | null = null) =>
  storeEvent('product_viewed', { url, product: product(over) })
const viewed = view()
const saying = (acceptsMarketing: boolean | null) => ({
  ...viewed,
  actor: { ...viewed.actor, acceptsMarketing },
})
const withActor = (over: Partial<StoreEvent['actor']>): StoreEvent => ({
  ...viewed,
  actor: { ...viewed.actor, ...over },
})

describe('product views', () => {
  it('carry every documented field', () => {
    expect(body(viewed)).toEqual({
      email: 'shopper@example.com',
      product_id: '8012345678901',
      product_name: 'Brass Lantern',
      product_url: 'https://lantern.example.com/products/brass-lantern',
      variant_id: '43012345678901',
      image_url: 'https://cdn.example.com/brass-lantern.jpg',
      price: 49.9,
      currency: 'EUR',
      category: 'Lamps',
      brand: 'Glow',
      sku: 'BL-L',
      session_id: 'visitor-1',
    })
  })

  it('cut texts to their limits', () => {
    const long = 'x'.repeat(300)
    expect(body(view({ title: long, category: long, brand: long }))).toMatchObject({
      product_name: 'x'.repeat(200),
      category: 'x'.repeat(100),
      brand: 'x'.repeat(100),
    })
  })

  it('never cut an identifier: the product’s is a skip, the others are left out', () => {
    const long = 'x'.repeat(101)
    expect(skip(view({ id: long }))).toMatchObject({ reason: 'too_large', detail: 'product_id' })
    const sent = body(view({ variantId: long, sku: long }))
    expect(sent).not.toHaveProperty('variant_id')
    expect(sent).not.toHaveProperty('sku')
    expect(body(withActor({ visitorId: long }))).not.toHaveProperty('session_id')
    expect(body(view({ sku: 'x'.repeat(100) }))).toHaveProperty('sku')
  })

  it('never send a price without its currency', () => {
    expect(body(view({ currency: null }))).toMatchObject({ price: 49.9, currency: 'EUR' })
    const unknown = body(view({ currency: null }), {}, settings, { ...SHOP, currency: null })
    expect(unknown).not.toHaveProperty('price')
    expect(unknown).not.toHaveProperty('currency')
  })

  it('leave a negative price out and keep a price of nothing', () => {
    expect(body(view({ price: '-1.00' }))).not.toHaveProperty('price')
    expect(body(view({ price: '0.00' }))).toMatchObject({ price: 0 })
  })

  it('make addresses absolute, from what is known', () => {
    expect(body(view({ imageUrl: '//cdn.example.com/a.jpg' }))).toMatchObject({
      image_url: 'https://cdn.example.com/a.jpg',
    })
    expect(body(view({ url: null }))).toMatchObject({
      product_url: 'https://lantern.example.com/products/brass-lantern',
    })
    expect(body(view({ url: null, handle: null }, '/pages/lamp'))).toMatchObject({
      product_url: 'https://lantern.example.com/pages/lamp',
    })
  })

  it('are skipped where Topmail requires what is missing', () => {
    expect(skip(view({ title: ' ' }))).toMatchObject({ reason: 'missing_field', detail: 'product_name' })
    expect(skip(view({ url: null, handle: null }))).toMatchObject({
      reason: 'missing_field',
      detail: 'product_url',
    })
    expect(skip(view({ id: null }))).toMatchObject({ reason: 'no_product_identifier', detail: 'product_id' })
    expect(skip(withActor({ email: ' ' }))?.reason).toBe('no_email')
  })

  it('have the same Idempotency-Key on every attempt', () => {
    const key = (over: Partial<Planned>) => plan(viewed, over).steps[0]?.request.headers['Idempotency-Key']
    expect(key({})).toBe(`${viewed.id}:product-view`)
    expect(key({ memory: { version: null, eventId: 'earlier' } })).toBe(key({}))
  })
})

describe('people whom Topmail does not know', () => {
  const missing = { learned: ['contact_missing'] }

  it('are added first when the merchant wants it and they accept marketing', () => {
    const { steps } = plan(saying(true), missing, creating)
    expect(steps.map(step => step.name)).toEqual(['create-contact', 'product-view'])
    expect(steps[0]?.request.body).toEqual({ email: 'shopper@example.com', subscribed: true })
  })

  it('are skipped with the reason otherwise', () => {
    expect(skip(saying(true), missing)?.reason).toBe('contact_missing')
    expect(skip(saying(false), missing, creating)?.reason).toBe('no_marketing_consent')
    expect(skip(saying(null), missing, creating)?.reason).toBe('marketing_unknown')
  })

  it('are not added for what the browser’s visitor allowed', () => {
    const browsing = withActor({ consent: { analytics: true, marketing: true }, acceptsMarketing: null })
    expect(skip(browsing, missing, creating)?.reason).toBe('marketing_unknown')
  })

  it('have their view sent under another key once they were added', () => {
    const key = (over: Partial<Planned>) =>
      plan(saying(true), over, creating).steps.at(-1)?.request.headers['Idempotency-Key']
    expect(key(missing)).not.toBe(key({}))
    expect(key({ done: ['create-contact'] })).toBe(key(missing))
    expect(names(saying(true), { ...missing, done: ['create-contact'] }, creating)).toEqual(['product-view'])
  })
})

describe('conversions', () => {
  it('count an order once by its id', () => {
    const { steps } = plan(orderEvent('order_created'))
    expect(steps).toMatchObject([
      { name: 'conversion', request: { url: 'https://api.topmail.so/api/v1/conversions' } },
    ])
    expect(steps[0]?.request.body).toEqual({
      email: 'shopper@example.com',
      type: 'purchase',
      revenue: 104.8,
      currency: 'EUR',
      order_id: '5123456789012',
    })
    expect(topmail.stateOf(orderEvent('order_created'), settings)).toBeNull()
  })

  it('are skipped with the reason', () => {
    expect(skip(orderEvent('order_created', { test: true }))?.reason).toBe('test_order')
    expect(skip(orderEvent('order_created', { total: null }))).toMatchObject({ detail: 'revenue' })
    expect(skip(orderEvent('order_created', { total: '-1.00' }))).toMatchObject({ detail: 'revenue' })
    const noCurrency = { ...SHOP, currency: null }
    expect(skip(orderEvent('order_created', { currency: null }), {}, settings, noCurrency)).toMatchObject({
      detail: 'currency',
    })
    const bare = storeEvent('order_created', { orderId: '1', order: null, refund: null })
    expect(skip(bare)?.reason).toBe('carried_by_order_update')
  })

  it('of test orders go out when the merchant wants them', () => {
    const wanting = topmailSettings.parse({ apiKey: 'k', testOrders: true })
    expect(names(orderEvent('order_created', { test: true }), {}, wanting)).toEqual(['conversion'])
  })

  it('are off until the merchant switches them on', () => {
    const on = topmailSettings.parse({ apiKey: 'k', rows: { order_created: true } })
    expect(topmail.wants(orderEvent('order_created'), settings)).toBe('no')
    expect(topmail.wants(orderEvent('order_created'), on)).toBe('yes')
  })
})

describe('contacts', () => {
  const consent = (state: string) =>
    storeEvent(
      'marketing_consent_updated',
      { channel: 'email', state, optInLevel: null },
      { subject: 'customer:7' },
    )
  const customer = (acceptsMarketing: boolean | null) =>
    storeEvent('customer_created', { state: 'enabled' }, { actor: saying(acceptsMarketing).actor })

  it('are looked up before their consent is changed', () => {
    expect(plan(consent('subscribed')).steps).toMatchObject([
      {
        name: 'find-contact',
        request: {
          method: 'GET',
          url: 'https://api.topmail.so/api/v1/contacts?search=shopper%40example.com&limit=100',
        },
      },
    ])
  })

  it('are changed by the id found', () => {
    for (const [state, subscribed] of [
      ['subscribed', true],
      ['unsubscribed', false],
    ] as const) {
      expect(plan(consent(state), { learned: ['contact_id:c-1'] }).steps).toMatchObject([
        {
          name: 'subscription',
          request: {
            method: 'PATCH',
            url: 'https://api.topmail.so/api/v1/contacts/c-1',
            body: { subscribed },
          },
          leaves: { subject: 'customer:7' },
        },
      ])
    }
  })

  it('that do not exist are added only to be subscribed', () => {
    const missing = { learned: ['contact_missing'] }
    expect(body(consent('subscribed'), missing)).toEqual({ email: 'shopper@example.com', subscribed: true })
    expect(skip(consent('unsubscribed'), missing)?.reason).toBe('no_marketing_consent')
    expect(names(consent('subscribed'), { learned: ['contact_id:c-1', 'contact_missing'] })).toEqual([
      'create-contact',
    ])
  })

  it('wait while a person has not confirmed', () => {
    expect(skip(consent('pending'))?.reason).toBe('no_marketing_consent')
  })

  it('are added for new customers who accept marketing, and for nobody else', () => {
    expect(body(customer(true))).toEqual({ email: 'shopper@example.com', subscribed: true })
    expect(skip(customer(false))?.reason).toBe('no_marketing_consent')
    expect(skip(customer(null))?.reason).toBe('marketing_unknown')
  })

  it('have names within their limits', () => {
    const named = customer(true)
    const long = {
      ...named,
      actor: { ...named.actor, firstName: 'f'.repeat(150), lastName: 'l'.repeat(150) },
    }
    expect(body(long)).toMatchObject({ first_name: 'f'.repeat(100), last_name: 'l'.repeat(100) })
  })
})

describe('for any product', () => {
  const text = fc.option(
    fc.oneof(
      fc.constantFrom('', ' ', 'half \ud83d', '🪔'.repeat(150)),
      fc.string({ maxLength: 300 }),
      fc.webUrl(),
    ),
  )
  const price = fc.option(
    fc.tuple(fc.integer(), fc.nat({ max: 99 })).map(([units, rest]) => `${units}.${rest}`),
  )

  it('a view keeps the documented rules or is skipped', () => {
    const seen = fc.record({
      id: text,
      variantId: text,
      handle: text,
      title: text,
      sku: text,
      brand: text,
      category: text,
      price,
      url: text,
      imageUrl: text,
    })
    fc.assert(
      fc.property(seen, text, text, (over, email, visitorId) => {
        const event = { ...view(over), actor: { ...viewed.actor, email, visitorId } }
        const { steps, skips } = plan(event)
        expect(steps.length + skips.length).toBe(1)
        for (const { request } of steps) expect(check(request)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})
