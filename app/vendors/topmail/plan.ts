/** From store events to Topmail's requests. */
import { isType, type StoreEvent, type StoreEventOf } from '../../events/store-event.ts'
import { changeOf, notAddable } from '../consent.ts'
import { type Decision, planEach } from '../planning.ts'
import type { Plan, Planned, ShopFacts, Step, VendorRequest } from '../vendor.ts'
import { createContact, findContact, setSubscribed } from './contact.ts'
import { conversionBody, notCounted } from './conversion.ts'
import { type Mapped, productViewBody } from './product-view.ts'
import { request } from './request.ts'
import type { TopmailSettings } from './settings.ts'

/** Stable names of the steps; `read` goes by them. */
export const STEP = {
  productView: 'product-view',
  conversion: 'conversion',
  createContact: 'create-contact',
  findContact: 'find-contact',
  subscription: 'subscription',
} as const

/** Facts that `read` learns and `plan` acts on. `contactId` is a prefix: the id follows. */
export const FACT = { contactMissing: 'contact_missing', contactId: 'contact_id:' } as const

const PATHS = { [STEP.productView]: '/track/product-view', [STEP.conversion]: '/conversions' } as const

/** Views, conversions and new customers stand alone; a person's consent is a state, of which the newest counts. */
export function stateOf(event: StoreEvent): string | null {
  return isType(event, 'marketing_consent_updated') ? event.subject || null : null
}

/** Each delivery becomes its own requests: Topmail takes one event at a time. */
export function plan(deliveries: readonly Planned[], settings: TopmailSettings, shop: ShopFacts): Plan {
  return planEach(deliveries, delivery => decide(delivery, settings, shop))
}

function decide(delivery: Planned, settings: TopmailSettings, shop: ShopFacts): Decision {
  const { event } = delivery
  const email = event.actor.email?.trim() ?? ''
  const uncounted = isType(event, 'order_created') ? notCounted(event, settings) : null
  if (uncounted) return { skip: uncounted }
  if (email === '') return { skip: 'no_email' }
  if (isType(event, 'product_viewed')) {
    return track(delivery, email, STEP.productView, productViewBody(email, event, settings, shop), settings)
  }
  if (isType(event, 'order_created')) {
    return track(delivery, email, STEP.conversion, conversionBody(email, event, shop), settings)
  }
  if (isType(event, 'customer_created')) return forCustomer(event, email, settings)
  if (isType(event, 'marketing_consent_updated')) return forConsent(delivery, event, email, settings)
  return { skip: 'mapping_off' }
}

/** Sends what happened; once Topmail has said that it does not know the person, their contact comes first. */
function track(
  { event, done, learned }: Planned,
  email: string,
  name: keyof typeof PATHS,
  mapped: Mapped,
  settings: TopmailSettings,
): Decision {
  if ('skip' in mapped) return mapped
  const created = done.includes(STEP.createContact)
  const creates = !created && learned.includes(FACT.contactMissing)
  // An answer kept under the first key would be "contact not found" again.
  const idempotencyKey = created || creates ? `${keyOf(event, name)}:contact` : keyOf(event, name)
  const target = request(settings, 'POST', PATHS[name], { body: mapped.body, idempotencyKey })
  const tracked: Step = { name, deliveries: [event.id], request: target }
  if (!creates) return { steps: [tracked] }
  if (!settings.createContacts) return { skip: 'contact_missing' }
  const unwanted = notAddable(event.actor)
  if (unwanted) return { skip: unwanted }
  const contact = createContact(email, event, settings, keyOf(event, STEP.createContact))
  return { steps: [{ name: STEP.createContact, deliveries: [event.id], request: contact }, tracked] }
}

function forCustomer(
  event: StoreEventOf<'customer_created'>,
  email: string,
  settings: TopmailSettings,
): Decision {
  const unwanted = notAddable(event.actor)
  if (unwanted) return { skip: unwanted }
  const contact = createContact(email, event, settings, keyOf(event, STEP.createContact))
  return { steps: [{ name: STEP.createContact, deliveries: [event.id], request: contact }] }
}

/** Looks the contact up, then changes it; a person whom Topmail does not have is added only to be subscribed. */
function forConsent(
  { learned }: Planned,
  event: StoreEventOf<'marketing_consent_updated'>,
  email: string,
  settings: TopmailSettings,
): Decision {
  const change = changeOf(event)
  if (change === 'undecided') return { skip: 'no_marketing_consent' }
  const fact = learned.findLast(one => one === FACT.contactMissing || one.startsWith(FACT.contactId))
  if (fact === undefined) {
    const lookup = findContact(email, settings)
    return { steps: [{ name: STEP.findContact, deliveries: [event.id], request: lookup }] }
  }
  if (fact !== FACT.contactMissing) {
    const id = fact.slice(FACT.contactId.length)
    const target = setSubscribed(id, change === 'subscribe', settings, keyOf(event, STEP.subscription))
    return { steps: [consentStep(STEP.subscription, event, target)] }
  }
  if (change === 'unsubscribe') return { skip: 'no_marketing_consent' }
  const contact = createContact(email, event, settings, keyOf(event, STEP.createContact))
  return { steps: [consentStep(STEP.createContact, event, contact)] }
}

function consentStep(name: string, event: StoreEvent, target: VendorRequest): Step {
  const made = { name, deliveries: [event.id], request: target }
  const subject = stateOf(event)
  return subject === null ? made : { ...made, leaves: { subject, version: event.version } }
}

/** The same on every attempt, so that a request that was sent twice counts once. */
function keyOf(event: StoreEvent, step: string): string {
  return `${event.id}:${step}`
}
