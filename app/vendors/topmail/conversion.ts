/** An order as a Topmail conversion (https://api.topmail.so/developers/conversions). */
import type { StoreEventOf } from '../../events/store-event.ts'
import type { SkipReason } from '../reasons.ts'
import { amount } from '../values.ts'
import type { ShopFacts } from '../vendor.ts'
import type { Mapped } from './product-view.ts'
import type { TopmailSettings } from './settings.ts'

/** Documented; `order_id` is what Topmail tells repeated conversions by. */
const ORDER_ID_LENGTH = 100

/** Why an order is not a conversion whoever made it, or null. */
export function notCounted(
  event: StoreEventOf<'order_created'>,
  settings: Pick<TopmailSettings, 'testOrders'>,
): SkipReason | null {
  if (!event.data.order) return 'carried_by_order_update'
  return event.data.order.test && !settings.testOrders ? 'test_order' : null
}

/**
 * The body of `POST /conversions`, or why there is none. `revenue` is the order's total with tax and shipping;
 * without a currency nothing goes out, because Topmail would take the amount for US dollars.
 */
export function conversionBody(email: string, event: StoreEventOf<'order_created'>, shop: ShopFacts): Mapped {
  const { orderId, order } = event.data
  const currency = order?.currency ?? shop.currency
  const revenue = order?.total ? amount(order.total) : null
  if (revenue === null || revenue < 0) return { skip: 'missing_field', detail: 'revenue' }
  if (!currency) return { skip: 'missing_field', detail: 'currency' }
  if (orderId === '') return { skip: 'missing_field', detail: 'order_id' }
  if (orderId.length > ORDER_ID_LENGTH) return { skip: 'too_large', detail: 'order_id' }
  return { body: { email, type: 'purchase', revenue, currency, order_id: orderId } }
}
