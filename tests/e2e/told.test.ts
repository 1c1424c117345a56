/** What the shopper tests compare: a second request, another quantity, another product or another visitor is another line. */
import { expect, it } from 'vitest'
import type { Json, Received, VendorName } from '../../sandbox/vendors/contract.ts'
import { toldTo } from './told.ts'

type Request = { method?: string; path?: string; accepted?: boolean; body: Json }

const told = (vendor: VendorName, ...requests: Request[]) => {
  const entries = requests.map(request => ({ method: 'POST', path: '/', accepted: true, ...request }))
  return toldTo({ inbox: name => (name === vendor ? (entries as Received[]) : []) })[vendor]
}
const order = (status: string, amount = 1) => ({
  transaction: { order_id: '1', email: 'a@example.com', status },
  transaction_items: [{ code: 'TL-B-S', amount }],
})
const added = (quantity: number, visitorId: string, productId = '8012345678903') => ({
  events: [{ eventType: 'add-to-cart', visitorId, productId, metadata: { quantity } }],
})
const LINE = 'transaction processing [TL-B-S ×1] a@example.com'

it('an order told as made and then as paid is one line, as is one told as paid at once', () => {
  expect(told('ecomail', { body: order('pending') }, { method: 'PUT', body: order('processing') })).toEqual([
    LINE,
  ])
  expect(told('ecomail', { body: order('processing') })).toEqual([LINE])
})

it('a doubled PUT is seen, and so is one that takes an order back to what it was', () => {
  const paid = { method: 'PUT', body: order('processing') }
  expect(told('ecomail', { body: order('pending') }, paid, paid)).toEqual([`PUT again: ${LINE}`, LINE])
  expect(
    told('ecomail', { body: order('pending') }, paid, { method: 'PUT', body: order('pending') }),
  ).toEqual(['PUT again: transaction pending [TL-B-S ×1] a@example.com', LINE])
})

it('an order that is made twice, or changed before it was made, is seen', () => {
  const [body, made] = [order('processing'), { body: order('processing') }]
  expect(told('ecomail', made, made)).toEqual([`POST again: ${LINE}`, LINE])
  expect(told('ecomail', { method: 'PUT', body })).toEqual([`PUT of an order that was not made: ${LINE}`])
})

it('quantities, products and visitors are compared', () => {
  expect(told('ecomail', { body: order('processing', 2) })).not.toEqual([LINE])
  expect(
    told('alana', { body: added(1, 'v-1') }, { body: added(2, 'v-1') }, { body: added(1, 'v-2', '7') }),
  ).toEqual([
    'add-to-cart 7 ×1 by visitor 2',
    'add-to-cart tide-lantern ×1 by visitor 1',
    'add-to-cart tide-lantern ×2 by visitor 1',
  ])
  const metadata = { sku: 'TL-B-S', quantity: 2 }
  const event = { event: 'product_added_to_cart', customer: { source_id: '9' }, metadata }
  expect(told('voucherify', { body: event })).toEqual(['product_added_to_cart 9 TL-B-S ×2'])
})

it('what was refused was not told', () => {
  expect(told('alana', { accepted: false, body: added(1, 'v-1') })).toEqual([])
})
