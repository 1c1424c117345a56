/** A notice of consent as what a vendor that keeps contacts is to do. */
import type { StoreEventOf } from '../events/store-event.ts'

export type ConsentChange = 'subscribe' | 'unsubscribe' | 'undecided'

/** Shopify's consent state as what to do: `pending` waits for the person's own confirmation. */
export function changeOf(event: StoreEventOf<'marketing_consent_updated'>): ConsentChange {
  if (event.data.state === 'subscribed') return 'subscribe'
  return event.data.state === 'pending' ? 'undecided' : 'unsubscribe'
}
