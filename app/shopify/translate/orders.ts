/** orders/*: an order's state, with current quantities and totals, in the shop's currency. */
import type { Order } from '../../events/data.ts'
import { NOBODY } from '../../events/store-event.ts'
import type { OrderEventType } from '../../events/types.ts'
import { type OrderPayload, orderEditedSchema, orderSchema } from '../payloads/order.ts'
import { buyerActor } from './actor.ts'
import { customerSeen, statedMarketing } from './customer-seen.ts'
import { cartToken, dedupeKey, stateKey, subject } from './keys.ts'
import { currentLines } from './lines.ts'
import { shopAmount } from './money.ts'
import { type Handler, ignored, translation, webhookEvent } from './notice.ts'

type StateType = Exclude<OrderEventType, 'order_refunded'>

/** States that an order passes more than once carry their time in the key; the others happen once. */
const REPEATED: readonly StateType[] = ['order_updated', 'order_fulfilled']

/** The handler that turns an order payload into events of the given type. */
export function orderTopic(type: StateType): Handler {
  return ({ payload, at }) => {
    const order = orderSchema.parse(payload)
    if (order.id === null) return ignored('The order has no id.')

    const data = { orderId: order.id, order: toOrder(order), refund: null }
    const actor = orderActor(order)
    const event = webhookEvent(type, data, {
      dedupeKey: REPEATED.includes(type)
        ? stateKey(type, [order.id, order.updated_at], { data, actor }, payload)
        : dedupeKey(type, [order.id], payload),
      occurredAt: occurredAt(type, order) ?? at,
      subject: subject('order', order.id),
      version: order.updated_at ?? order.created_at,
      actor,
    })
    const { customer, buyer_accepts_marketing: box } = order
    const email = order.email ?? order.contact_email
    const seen = customerSeen(customer, {
      // Later states repeat the box of then, which would undo an unsubscription made since.
      marketing: type === 'order_created' ? statedMarketing(customer, email, box) : null,
      email,
      updatedAt: order.updated_at ?? at,
    })
    return translation([event], seen, '')
  }
}

/** orders/edited says that an order was edited; how it looks now follows in orders/updated. */
export const orderEdited: Handler = ({ payload, at }) => {
  const edit = orderEditedSchema.parse(payload).order_edit
  if (!edit?.order_id) return ignored('The order edit names no order.')
  const event = webhookEvent(
    'order_updated',
    { orderId: edit.order_id, order: null, refund: null },
    {
      dedupeKey: dedupeKey('order_updated', [edit.order_id, 'edit', edit.id], payload),
      occurredAt: edit.created_at ?? at,
      subject: subject('order', edit.order_id),
      version: null,
      actor: NOBODY,
    },
  )
  return translation([event], [], '')
}

function occurredAt(type: StateType, order: OrderPayload): string | null {
  if (type === 'order_created') return order.created_at
  if (type === 'order_cancelled') return order.cancelled_at ?? order.updated_at
  return order.updated_at
}

/**
 * `shipping` is Shopify's shipping price in the shop's currency: it contains tax only where the order's
 * prices do (`taxes_included`). `current_shipping_price_set` has discounts and refunds taken off;
 * `total_shipping_price_set`, all that older API versions have, has not.
 * https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Order
 */
function toOrder(order: OrderPayload): Order {
  const currency = order.currency ?? order.total_price_set?.currency ?? null
  const total = shopAmount(order.current_total_price_set, order.current_total_price)
  return {
    name: order.name,
    checkoutToken: order.checkout_token,
    cartToken: cartToken(order.cart_token),
    createdAt: order.created_at,
    updatedAt: order.updated_at,
    cancelledAt: order.cancelled_at,
    test: order.test ?? false,
    currency,
    total: total ?? shopAmount(order.total_price_set, order.total_price),
    tax: order.current_total_tax ?? order.total_tax,
    shipping: shopAmount(order.current_shipping_price_set, order.total_shipping_price_set?.amount ?? null),
    discount: order.current_total_discounts ?? order.total_discounts,
    financialStatus: order.financial_status,
    fulfillmentStatus: order.fulfillment_status,
    discountCodes: order.discount_codes.map(({ code }) => code).filter(code => code !== null),
    sourceName: order.source_name,
    lines: currentLines(order.line_items, { currency, taxesIncluded: order.taxes_included ?? false }),
  }
}

function orderActor(order: OrderPayload) {
  return buyerActor({
    emails: [order.email, order.contact_email],
    phone: order.phone,
    customer: order.customer,
    billing: order.billing_address,
    shipping: order.shipping_address,
    attributes: order.note_attributes,
    // What the buyer chose when ordering; it never changes afterwards.
    box: order.buyer_accepts_marketing,
  })
}
