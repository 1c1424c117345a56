import { describe, expect, it } from 'vitest'
import type { Actor, StoreEvent } from '../../events/store-event.ts'
import type { EventType } from '../../events/types.ts'
import { orderEvent, product, SHOP, storeEvent } from '../testing.ts'
import type { Json } from '../vendor.ts'
import { toVoucherify } from './map.ts'
import { serverSettings } from './testing.ts'

const body = (event: StoreEvent, over: Record<string, unknown> = {}): Record<string, Json> => {
  const result = toVoucherify(event, serverSettings({ metadata: '', ...over }), SHOP)
  if ('reason' in result) throw new Error(result.reason)
  return result.body
}
const skip = (event: StoreEvent, over: Record<string, unknown> = {}) =>
  toVoucherify(event, serverSettings(over), SHOP)
const by = (event: StoreEvent, actor: Partial<Actor>): StoreEvent => ({
  ...event,
  actor: { ...event.actor, ...actor },
})
const consent = (state: string) =>
  storeEvent('marketing_consent_updated', { channel: 'email', state, optInLevel: null })
const created = (acceptsMarketing: boolean | null) =>
  by(storeEvent('customer_created', { state: null }), { acceptsMarketing })
const checkout = {
  ...{
    token: 't',
    cartToken: null,
    currency: 'EUR',
    total: '10.00',
    tax: null,
    shipping: null,
    discount: null,
  },
  discountCodes: ['CARD-9'],
  lines: [],
}

describe('names', () => {
  it.each<[EventType, StoreEvent, string]>([
    ['order_created', orderEvent('order_created'), 'order_placed'],
    ['order_paid', orderEvent('order_paid'), 'order_paid'],
    ['order_fulfilled', orderEvent('order_fulfilled'), 'order_fulfilled'],
    ['order_cancelled', orderEvent('order_cancelled'), 'order_cancelled'],
    [
      'order_refunded',
      storeEvent('order_refunded', { orderId: '1', order: null, refund: null }),
      'order_refunded',
    ],
    ['product_viewed', storeEvent('product_viewed', { url: null, product: product() }), 'product_viewed'],
    ['checkout_started', storeEvent('checkout_started', { checkout }), 'checkout_started'],
    ['checkout_abandoned', storeEvent('checkout_abandoned', { checkout }), 'cart_abandoned'],
    ['marketing_consent_updated', consent('subscribed'), 'user_subscribed'],
    ['customer_created', created(true), 'user_subscribed'],
  ])('%s has its default', (_, event, name) => expect(body(event).event).toBe(name))
  it('can be chosen', () => {
    expect(body(orderEvent('order_created'), { eventNames: { order_created: 'purchase' } }).event).toBe(
      'purchase',
    )
  })
  it('are none for types that do not go there', () => {
    expect(skip(orderEvent('order_updated'))).toEqual({ reason: 'mapping_off' })
  })
})

describe('subscriptions', () => {
  it.each(['not_subscribed', 'pending', 'unsubscribed', 'redacted', 'invalid', 'SUBSCRIBED!'])(
    'are not "%s"',
    state => {
      expect(skip(consent(state))).toEqual({ reason: 'no_marketing_consent' })
    },
  )
  it.each([
    [false, 'no_marketing_consent'],
    [null, 'marketing_unknown'],
  ])('are not guessed when the customer’s consent is %s', (accepts, reason) => {
    expect(skip(created(accepts))).toEqual({ reason })
  })
})

describe('customers', () => {
  const order = orderEvent('order_created')
  it('are named by their Shopify id, with what is known', () => {
    const actor = { firstName: ' Sam ', lastName: 'Lamp', phone: '+420 777 000 000' }
    expect(body(by(order, actor)).customer).toEqual({
      source_id: '7012345678901',
      name: 'Sam Lamp',
      email: 'shopper@example.com',
      phone: '+420 777 000 000',
    })
  })
  it('are not overwritten with nothing', () => {
    expect(body(by(order, { email: null, firstName: '', lastName: ' ' })).customer).toEqual({
      source_id: '7012345678901',
    })
  })
  it('are not given an address or phone that is none', () => {
    expect(body(by(order, { email: 'a b@c', phone: 'call me' })).customer).toEqual({
      source_id: '7012345678901',
    })
  })
  it.each([null, '', ' ', 'x'.repeat(300)])('are needed: %j is nobody', customerId => {
    expect(skip(by(order, { customerId }))).toEqual({ reason: 'no_person' })
  })
})

describe('test orders', () => {
  const order = orderEvent('order_paid', { test: true })
  it('are skipped', () => expect(skip(order)).toEqual({ reason: 'test_order' }))
  it('are sent when wanted', () => expect(skip(order, { testOrders: true })).toHaveProperty('body'))
})

describe('codes', () => {
  const order = by(orderEvent('order_created', { discountCodes: ['SALE', 'Ref-77', 'REF-88'] }), {
    attributes: { ref: ' REF-NOTED ', who: 'cust_1', card: 'CARD-1' },
  })
  it('are left out when nothing is set', () => {
    expect(body(order)).not.toHaveProperty('referral')
    expect(body(order)).not.toHaveProperty('loyalty')
  })
  it('come from attributes', () => {
    const over = { referralAttribute: 'ref', referrerAttribute: 'who', loyaltyAttribute: 'card' }
    expect(body(order, over)).toMatchObject({
      referral: { code: 'REF-NOTED', referrer_id: 'cust_1' },
      loyalty: { code: 'CARD-1' },
    })
  })
  it('come from the first discount code with the prefix, whatever its case', () => {
    expect(body(order, { referralFromDiscount: 'REF-' }).referral).toEqual({ code: 'Ref-77' })
  })
  it('come from a checkout too', () => {
    expect(
      body(storeEvent('checkout_started', { checkout }), { loyaltyFromDiscount: 'card-' }).loyalty,
    ).toEqual({ code: 'CARD-9' })
  })
  it('prefer the attribute', () => {
    expect(body(order, { referralAttribute: 'ref', referralFromDiscount: 'ref-' }).referral).toEqual({
      code: 'REF-NOTED',
    })
  })
  it('never name a referrer without a code', () => {
    expect(body(order, { referralAttribute: 'none', referrerAttribute: 'who' })).not.toHaveProperty(
      'referral',
    )
  })
  it.each(['none', 'toString', '__proto__'])('are not found under %s', name => {
    expect(body(order, { referralAttribute: name })).not.toHaveProperty('referral')
  })
  it('are not taken from views or from an order that is not there', () => {
    const view = storeEvent('product_viewed', { url: null, product: product() })
    expect(body(view, { referralFromDiscount: 'ref-' })).not.toHaveProperty('referral')
    const notice = storeEvent('order_refunded', { orderId: '1', order: null, refund: null })
    expect(body(notice, { referralFromDiscount: 'ref-' })).not.toHaveProperty('referral')
  })
  it('are ignored when they cannot be codes', () => {
    expect(
      body(by(order, { attributes: { ref: 'x'.repeat(300) } }), { referralAttribute: 'ref' }),
    ).not.toHaveProperty('referral')
  })
})
