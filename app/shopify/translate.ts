/**
 * From a webhook to what it means: store events, effects, or a reason why nothing comes of it. Pure and
 * total: no payload makes it throw, and the same webhook always gives the same result.
 */
import { asInstant, isFields } from './payloads/fields.ts'
import { cartUpdated } from './translate/carts.ts'
import { checkoutDeleted, checkoutStarted, checkoutUpdated } from './translate/checkouts.ts'
import {
  customerCreated,
  customersMerged,
  customerUpdated,
  emailConsentUpdated,
} from './translate/customers.ts'
import { type Handler, ignored, type Translation, type Webhook } from './translate/notice.ts'
import { orderEdited, orderTopic } from './translate/orders.ts'
import { privacyTopic } from './translate/privacy.ts'
import { productDeleted, productSaved } from './translate/products.ts'
import { refundCreated } from './translate/refunds.ts'
import { appUninstalled, scopesUpdated, shopUpdated } from './translate/shop.ts'

export { CONSENT_ATTRIBUTE, VISITOR_ATTRIBUTE } from './translate/actor.ts'
export type { Translation, Webhook } from './translate/notice.ts'

const HANDLERS: Readonly<Record<string, Handler>> = {
  'orders/create': orderTopic('order_created'),
  'orders/updated': orderTopic('order_updated'),
  'orders/paid': orderTopic('order_paid'),
  'orders/fulfilled': orderTopic('order_fulfilled'),
  'orders/partially_fulfilled': orderTopic('order_updated'),
  'orders/cancelled': orderTopic('order_cancelled'),
  'orders/edited': orderEdited,
  'refunds/create': refundCreated,
  'checkouts/create': checkoutStarted,
  'checkouts/update': checkoutUpdated,
  'checkouts/delete': checkoutDeleted,
  'carts/create': cartUpdated,
  'carts/update': cartUpdated,
  'customers/create': customerCreated,
  'customers/update': customerUpdated,
  'customers_email_marketing_consent/update': emailConsentUpdated,
  'products/create': productSaved,
  'products/update': productSaved,
  'products/delete': productDeleted,
  'shop/update': shopUpdated,
  'app/scopes_update': scopesUpdated,
  'app/uninstalled': appUninstalled,
  'customers/data_request': privacyTopic('customers/data_request'),
  'customers/redact': privacyTopic('customers/redact'),
  'shop/redact': privacyTopic('shop/redact'),
}

/**
 * Topics that are understood and not subscribed to. customers/merge needs the scope read_customer_merge
 * (https://shopify.dev/docs/api/admin-graphql/latest/enums/WebhookSubscriptionTopic), which the app does not ask every
 * merchant for: docs/identity.md says why, and how an installation subscribes.
 */
const UNSUBSCRIBED: Readonly<Record<string, Handler>> = { 'customers/merge': customersMerged }

/** Topics that are known and never lead to anything: no subscription asks for them. */
const IDLE: Readonly<Record<string, Handler>> = {
  'draft_orders/create': () => ignored('A draft order is no order yet.'),
  'draft_orders/update': () => ignored('A draft order is no order yet.'),
  'draft_orders/delete': () => ignored('A draft order is no order yet.'),
}

/** The topics that Sluice subscribes to; shopify.app.toml lists the same. */
export const TOPICS: readonly string[] = Object.keys(HANDLERS)

/** Topics whose webhooks come to the same in whatever order they are accepted, so that one may wait while others pass it. */
export const SPOOLED_TOPICS: ReadonlySet<string> = new Set(
  TOPICS.filter(topic =>
    /^(orders|refunds|checkouts|carts|products)\/|^customers(_email_marketing_consent)?\/(create|update)$/.test(
      topic,
    ),
  ),
)

/**
 * Translates one webhook. `payload` is the body as `parseJson` (json.ts) gives it. Times that the payload
 * does not name are `triggeredAt`, else `receivedAt`.
 */
export function translateWebhook(webhook: Webhook): Translation {
  const { topic, payload, triggeredAt, receivedAt } = webhook
  const handler = handlerOf(topic)
  if (handler === null) return ignored('Sluice does not use this topic.')
  if (!isFields(payload)) return ignored('The payload is not an object.')
  return handler({ payload, at: asInstant(triggeredAt) ?? receivedAt.toISOString() })
}

function handlerOf(topic: string): Handler | null {
  const found = [HANDLERS, UNSUBSCRIBED, IDLE].find(handlers => Object.hasOwn(handlers, topic))
  return found?.[topic] ?? null
}
