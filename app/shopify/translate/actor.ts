/** Who is behind an order, a checkout or a cart. */
import { isOtherAddress } from '../../events/email.ts'
import {
  type Actor,
  type Address,
  type Consent,
  type ConsentPurpose,
  NOBODY,
} from '../../events/store-event.ts'
import type { AddressPayload, CustomerPayload } from '../payloads/person.ts'

/** The cart attribute in which the storefront extension leaves the visitor's id. */
export const VISITOR_ATTRIBUTE = 'sluice_visitor'
/** The cart attribute in which it leaves what the visitor allowed: "analytics=1,marketing=0". */
export const CONSENT_ATTRIBUTE = 'sluice_consent'

type Buyer = {
  /** Most trusted first. */
  emails: readonly (string | null)[]
  phone: string | null
  customer: CustomerPayload | null
  billing: AddressPayload | null
  shipping: AddressPayload | null
  attributes: Record<string, string>
  /** Whether the box for e-mail marketing was ticked, for the first of `emails`; null: the payload does not say. */
  box: boolean | null
}

/**
 * The buyer as an actor. Names and phone are the customer's, else the billing address's (whoever pays),
 * else the shipping address's; the address is where it is shipped, else billed.
 */
export function buyerActor(buyer: Buyer): Actor {
  const { customer, billing, shipping } = buyer
  const email = [...buyer.emails, customer?.email].find(each => each) ?? null
  const named = [customer, billing, shipping].find(person => person?.first_name || person?.last_name)
  return {
    ...attributesActor(buyer.attributes),
    customerId: customer?.id ?? null,
    email,
    phone: buyer.phone ?? customer?.phone ?? billing?.phone ?? shipping?.phone ?? null,
    firstName: named?.first_name ?? null,
    lastName: named?.last_name ?? null,
    address: toAddress(shipping ?? billing),
    acceptsMarketing: buyer.box ?? marketingTo(email, customer),
  }
}

/** Nobody but what cart attributes tell: the visitor's id and consent, and the merchant's own attributes. */
export function attributesActor(attributes: Record<string, string>): Actor {
  const { [VISITOR_ATTRIBUTE]: visitorId = null, [CONSENT_ATTRIBUTE]: consent = '', ...others } = attributes
  const isVisitor = visitorId !== null && VISITOR.test(visitorId)
  return {
    ...NOBODY,
    visitorId: isVisitor ? visitorId : null,
    consent: consentIn(consent),
    attributes: others,
  }
}

/** Shoppers can type into attributes: what the storefront would not have sent as a visitor is none. */
const VISITOR = /^[\w.-]{1,200}$/

const ALLOWED = ['1', 'true', 'yes']
const REFUSED = ['0', 'false', 'no']

/** What the visitor allowed, as the attribute says; a purpose that it does not clearly name is not known. */
function consentIn(text: string): Consent {
  const pairs = text
    .toLowerCase()
    .split(/[,;&]/)
    .map(pair => pair.split('=').map(part => part.trim()))
  const answer = (purpose: ConsentPurpose): boolean | null => {
    const given = pairs.flatMap(([name, value]) => (name === purpose && value ? [value] : []))
    // A refusal beside an allowance is a refusal.
    if (given.some(value => REFUSED.includes(value))) return false
    return given.some(value => ALLOWED.includes(value)) || null
  }
  return { analytics: answer('analytics'), marketing: answer('marketing') }
}

/** A customer record as an actor. */
export function customerActor(customer: CustomerPayload): Actor {
  return {
    ...NOBODY,
    customerId: customer.id,
    email: customer.email,
    phone: customer.phone,
    firstName: customer.first_name,
    lastName: customer.last_name,
    address: toAddress(customer.default_address),
    acceptsMarketing: customerMarketing(customer),
  }
}

/** Whether a customer record accepts e-mail marketing; null when it does not say (API 2025-01 and later). */
export function customerMarketing(customer: CustomerPayload | null): boolean | null {
  return isSubscribed(customer?.email_marketing_consent?.state ?? null) ?? customer?.accepts_marketing ?? null
}

/** What a customer record says of e-mail marketing to an address: its yes is for its own, or for none if it names none; its no for all. */
function marketingTo(email: string | null, customer: CustomerPayload | null): boolean | null {
  const said = customerMarketing(customer)
  const own = customer?.email ?? null
  return said && email !== null && (own === null || isOtherAddress(email, own)) ? null : said
}

/** Only "subscribed" is a yes: "pending" waits for the person's confirmation. */
export function isSubscribed(state: string | null): boolean | null {
  return state === null ? null : state === 'subscribed'
}

function toAddress(address: AddressPayload | null): Address | null {
  if (address === null) return null
  const { city, province, country, country_code, zip } = address
  const isEmpty = [city, province, country, country_code, zip].every(part => part === null)
  return isEmpty ? null : { city, province, country, countryCode: country_code, postalCode: zip }
}
