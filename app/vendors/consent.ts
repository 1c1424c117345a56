/** A notice of consent as what a vendor that keeps contacts is to do. */
import type { Actor, StoreEventOf } from '../events/store-event.ts'
import type { SkipReason } from './reasons.ts'

export type ConsentChange = 'subscribe' | 'unsubscribe' | 'undecided'

/** Shopify's consent state as what to do: `pending` waits for the person's own confirmation. */
export function changeOf(event: StoreEventOf<'marketing_consent_updated'>): ConsentChange {
  if (event.data.state === 'subscribed') return 'subscribe'
  return event.data.state === 'pending' ? 'undecided' : 'unsubscribe'
}

/** Why a person may not be added as a contact; null: they may. */
export function notAddable({ acceptsMarketing }: Actor): SkipReason | null {
  if (acceptsMarketing === null) return 'marketing_unknown'
  return acceptsMarketing ? null : 'no_marketing_consent'
}
