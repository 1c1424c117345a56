/**
 * From a store event to a Voucherify custom event: name, customer, referral, loyalty, metadata.
 * Fields: the reference page of POST /client/v1/events; POST /v1/events takes the same body.
 */
import { isOrderEvent, isType, type StoreEvent } from '../../events/store-event.ts'
import { CHECKOUT_EVENT_TYPES } from '../../events/types.ts'
import { notAddable } from '../consent.ts'
import type { SkipReason } from '../reasons.ts'
import { compact, cut } from '../values.ts'
import type { Json, ShopFacts } from '../vendor.ts'
import { attributeFacts, metadataOf } from './metadata.ts'
import { EVENT_NAMES, type SentType } from './rows.ts'
import type { VoucherifySettings } from './settings.ts'

/** Longest customer id and code taken for real; in UTF-16 units. */
export const ID_LIMIT = 255

export type NotSent = { reason: SkipReason; detail?: string }

/** True for the events that mean "this person now accepts e-mail marketing": both become `user_subscribed`. */
export function isSubscription(event: StoreEvent): boolean {
  if (isType(event, 'marketing_consent_updated')) return event.data.state === 'subscribed'
  return event.type === 'customer_created' && event.actor.acceptsMarketing === true
}

const isConsentType = (event: StoreEvent): boolean =>
  event.type === 'customer_created' || event.type === 'marketing_consent_updated'

/** Only a subscription is an event for Voucherify. A new customer may have become one since: the notice waits for that as a skip. */
function notSubscribed(event: StoreEvent): SkipReason | null {
  if (!isConsentType(event) || isSubscription(event)) return null
  return event.type === 'customer_created' ? notAddable(event.actor) : 'no_marketing_consent'
}

function isSent(type: string): type is SentType {
  return Object.hasOwn(EVENT_NAMES, type)
}

/** The Shopify customer id that names the customer at Voucherify for good (`source_id` cannot be changed there). */
export function customerIdOf(event: StoreEvent): string | null {
  const id = event.actor.customerId?.trim()
  return id && id.length <= ID_LIMIT ? id : null
}

/** Only what is known: the event upserts the customer, and whatever is sent overwrites what Voucherify has. */
function customer(event: StoreEvent, sourceId: string): Record<string, Json> {
  const { email, phone, firstName, lastName } = event.actor
  const name = [firstName, lastName]
    .map(part => part?.trim())
    .filter(Boolean)
    .join(' ')
  return compact({
    source_id: sourceId,
    name: cut(name, ID_LIMIT),
    email: email && email.length <= 254 && /^[^\s@]+@[^\s@]+$/.test(email) ? email : null,
    phone: phone && /^\+?[\d\s().-]{3,30}$/.test(phone) ? phone : null,
  }) as Record<string, Json>
}

function discountCodes(event: StoreEvent): readonly string[] {
  if (isOrderEvent(event)) return event.data.order?.discountCodes ?? []
  return isType(event, ...CHECKOUT_EVENT_TYPES) ? event.data.checkout.discountCodes : []
}

function noteAttribute(event: StoreEvent, name: string | undefined): string | undefined {
  const { attributes } = event.actor
  return name !== undefined && Object.hasOwn(attributes, name) ? attributes[name]?.trim() : undefined
}

/** A note attribute's value, else the first discount code with the prefix (Shopify ignores case in codes), else null. */
function code(event: StoreEvent, attribute: string | undefined, prefix?: string | undefined): string | null {
  const noted = noteAttribute(event, attribute)
  const start = prefix?.toLowerCase()
  const found =
    noted || (start && discountCodes(event).find(discount => discount.toLowerCase().startsWith(start)))
  return found && found.length <= ID_LIMIT ? found : null
}

function referral(event: StoreEvent, settings: VoucherifySettings): Record<string, Json> | null {
  const found = code(event, settings.referralAttribute, settings.referralFromDiscount)
  if (!found) return null
  return compact({ code: found, referrer_id: code(event, settings.referrerAttribute) }) as Record<
    string,
    Json
  >
}

/** Shorter ones are too common to be anybody's own words, and hiding them would hide half of the request. */
const PERSONAL_LENGTH = 3

/** What the request holds of note attributes, which shoppers type, as it stands there. */
export function personalValues(event: StoreEvent, settings: VoucherifySettings): string[] {
  const codes = [settings.referralAttribute, settings.referrerAttribute, settings.loyaltyAttribute]
  const noted = codes.map(name => noteAttribute(event, name) ?? '')
  const sent = Object.values(attributeFacts(event, settings)).flatMap(value =>
    typeof value === 'string' || typeof value === 'number' ? [String(value)] : [],
  )
  return [...new Set([...noted, ...sent])].filter(value => value.length >= PERSONAL_LENGTH)
}

/** The request body, or why there is none. Keys without a value are left out. */
export function toVoucherify(
  event: StoreEvent,
  settings: VoucherifySettings,
  shop: ShopFacts,
): { body: Record<string, Json> } | NotSent {
  if (!isSent(event.type)) return { reason: 'mapping_off' }
  const refused = notSubscribed(event)
  if (refused) return { reason: refused }
  const sourceId = customerIdOf(event)
  if (!sourceId) return { reason: 'no_person' }
  if (isOrderEvent(event) && event.data.order?.test && !settings.testOrders) return { reason: 'test_order' }
  const card = code(event, settings.loyaltyAttribute, settings.loyaltyFromDiscount)
  const body = compact({
    event: settings.eventNames[event.type] ?? EVENT_NAMES[event.type],
    customer: customer(event, sourceId),
    referral: referral(event, settings),
    loyalty: card ? { code: card } : null,
    metadata: metadataOf(event, settings, shop),
  })
  return { body: body as Record<string, Json> }
}
