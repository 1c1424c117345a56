/** customers/* and customers_email_marketing_consent/update. */
import { NOBODY } from '../../events/store-event.ts'
import type { EffectOf } from '../effects.ts'
import { customersMergeSchema } from '../payloads/merge.ts'
import { customerSchema, emailConsentUpdateSchema } from '../payloads/person.ts'
import { customerActor, customerMarketing, isSubscribed } from './actor.ts'
import { customerSeen } from './customer-seen.ts'
import { dedupeKey, subject } from './keys.ts'
import { type Handler, ignored, translation, webhookEvent } from './notice.ts'

/** customers/create: customer_created, and the customer to remember. */
export const customerCreated: Handler = ({ payload, at }) => {
  const customer = customerSchema.parse(payload)
  const event = webhookEvent(
    'customer_created',
    { state: customer.state },
    {
      dedupeKey: dedupeKey('customer_created', [customer.id], payload),
      occurredAt: customer.created_at ?? at,
      subject: subject('customer', customer.id),
      version: customer.updated_at ?? customer.created_at,
      actor: customerActor(customer),
    },
  )
  const marketing = customerMarketing(customer)
  return translation([event], customerSeen(customer, { marketing, email: null, updatedAt: at }), '')
}

/** customers/update: the customer to remember, and no event. */
export const customerUpdated: Handler = ({ payload, at }) => {
  const customer = customerSchema.parse(payload)
  const marketing = customerMarketing(customer)
  const seen = customerSeen(customer, { marketing, email: null, updatedAt: at })
  return translation([], seen, 'The customer has no id.')
}

/** customers/merge: the deleted customer is the kept one from now on. Of a merge that goes on or failed nothing follows. */
export const customersMerged: Handler = ({ payload }) => {
  const { keptId, deletedId, status } = customersMergeSchema.parse(payload)
  if (status !== 'completed') return ignored('The customers are not merged.')
  if (keptId === null || deletedId === null) return ignored('The merge does not name both customers.')
  return translation([], [{ kind: 'customers_merged', keptId, deletedId }], '')
}

/**
 * customers_email_marketing_consent/update. Without a state it only tells who the customer is. The customer
 * is seen at the time of the notice: `consent_updated_at` may be older than what else is known of them.
 */
export const emailConsentUpdated: Handler = ({ payload, at }) => {
  const { customer_id: customerId, email_address: email, ...update } = emailConsentUpdateSchema.parse(payload)
  const consent = update.email_marketing_consent
  const state = consent?.state ?? null
  const marketing = isSubscribed(state)
  const updatedAt = consent?.consent_updated_at ?? null

  const events =
    state === null
      ? []
      : [
          webhookEvent(
            'marketing_consent_updated',
            { channel: 'email', state, optInLevel: consent?.opt_in_level ?? null },
            {
              dedupeKey: dedupeKey(
                'marketing_consent_updated',
                [customerId, state, updatedAt ?? 'undated'],
                payload,
              ),
              occurredAt: updatedAt ?? at,
              subject: subject('customer', customerId),
              version: updatedAt,
              actor: { ...NOBODY, customerId, email, acceptsMarketing: marketing },
            },
          ),
        ]
  const unnamed = { phone: null, firstName: null, lastName: null }
  const seen: EffectOf<'customer_seen'>[] =
    customerId === null
      ? []
      : [{ kind: 'customer_seen', customerId, email, ...unnamed, marketing, updatedAt: at }]
  return translation(events, seen, 'The consent names neither a customer nor a state.')
}
