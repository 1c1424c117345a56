import { describe, expect, it } from 'vitest'
import type { Json, Received, VendorName } from '../../sandbox/vendors/contract.ts'
import { sightingsIn } from './sightings.ts'

const entry = (body: Json, over: Partial<Received> = {}): Received => ({
  seq: 1,
  at: '2026-11-20T12:00:00.000Z',
  method: 'POST',
  path: '/',
  headers: { host: '127.0.0.1:4001' },
  body,
  status: 200,
  answer: null,
  accepted: true,
  taken: 1,
  warnings: [],
  ...over,
})
const read = (vendor: VendorName, body: Json, over: Partial<Received> = {}) =>
  sightingsIn(vendor, [entry(body, over)], host => (host === '127.0.0.1:4001' ? 'worker-1#1' : 'unknown'))
const keys = (vendor: VendorName, body: Json) => read(vendor, body).map(({ key }) => key)

describe('an event is recognised', () => {
  it.each<[VendorName, Json, string[]]>([
    ['ecomail', { transaction: { order_id: '501', shipping: 3 } }, ['transaction:501:3']],
    ['ecomail', { event: { action: 'Basket', email: 'o501@example.com' } }, ['basket:501']],
    ['ecomail', { event: { action: 'product_viewed', value: { product_id: 801 } } }, ['product_viewed:801']],
    ['topmail', { order_id: '501' }, ['created:501']],
    ['topmail', { product_id: '801' }, ['product_viewed:801']],
    ['voucherify', { event: 'order_placed', metadata: { order_id: '501' } }, ['created:501']],
    ['voucherify', { event: 'order_paid', metadata: { order_id: '501' } }, ['paid:501']],
    ['voucherify', { event: 'product_viewed', metadata: { product_id: '801' } }, ['product_viewed:801']],
    [
      'alana',
      {
        events: [
          { eventType: 'detail-page-view', productId: '801' },
          { eventType: 'add-to-cart', productId: '802' },
          { eventType: 'purchase-complete', metadata: { orderId: '501' } },
        ],
      },
      ['product_viewed:801', 'product_added_to_cart:802', 'created:501'],
    ],
  ])('at %s in %j', (vendor, body, found) => {
    expect(keys(vendor, body)).toEqual(found)
  })

  it.each<[VendorName, Json]>([
    ['ecomail', { event: { action: 'Basket', email: 's1@example.com' } }],
    ['ecomail', null],
    ['alana', {}],
    ['alana', { events: [{ eventType: 'search' }] }],
    ['voucherify', { event: 'user_subscribed' }],
  ])('or not: at %s in %j', (vendor, body) => {
    expect(keys(vendor, body)).toEqual(['unrecognised'])
  })
})

describe('what is known of a request', () => {
  const one = (over: Partial<Received>) => read('topmail', { product_id: '801' }, over)[0]

  it('is who sent it, by the way it came', () => {
    expect(one({})?.sender).toBe('worker-1#1')
    expect(one({ headers: { host: '127.0.0.1:9' } })?.sender).toBe('unknown')
  })

  it.each([
    ['connection reset', true, 0],
    ['no answer', true, 0],
    ['status 500, after 200 ms', true, 200],
    ['after 1500 ms', false, 1500],
    [undefined, false, 0],
  ])('is what %s did to its answer', (fault, answerSpoiled, delay) => {
    const found = one(fault === undefined ? {} : { fault })
    expect(found).toMatchObject({ answerSpoiled })
    expect((found?.answeredAt ?? 0) - (found?.at ?? 0)).toBe(delay)
  })

  it('is whether the vendor took it, or knew it already', () => {
    expect(one({})).toMatchObject({ accepted: true, absorbed: false })
    expect(one({ taken: 0 })).toMatchObject({ accepted: true, absorbed: true })
    expect(one({ accepted: false, taken: 0 })).toMatchObject({ accepted: false, absorbed: false })
  })
})
