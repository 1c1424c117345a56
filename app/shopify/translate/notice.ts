/** What goes in and out of the translation of one webhook. */
import type { DataOf } from '../../events/data.ts'
import type { NewStoreEvent } from '../../events/store-event.ts'
import type { EventType } from '../../events/types.ts'
import type { Effect } from '../effects.ts'

/** A verified webhook. `triggeredAt` is the header X-Shopify-Triggered-At as it came, if it came. */
export type Webhook = { topic: string; payload: unknown; triggeredAt: string | null; receivedAt: Date }

/** What follows from a webhook. `ignored` says why when nothing follows; else it is null. */
export type Translation = { events: NewStoreEvent[]; effects: Effect[]; ignored: string | null }

/** A webhook on its way through a handler: an object as payload, and the time to assume where it names none. */
export type Notice = { payload: Record<string, unknown>; at: string }
export type Handler = (notice: Notice) => Translation

/** A translation that holds something, or nothing with the reason given. */
export function translation(
  events: readonly NewStoreEvent[],
  effects: readonly Effect[],
  whyNothing: string,
): Translation {
  const isEmpty = events.length + effects.length === 0
  return { events: [...events], effects: [...effects], ignored: isEmpty ? whyNothing : null }
}

/** Nothing comes of it, and why. */
export function ignored(reason: string): Translation {
  return { events: [], effects: [], ignored: reason }
}

type Envelope = Pick<NewStoreEvent, 'dedupeKey' | 'occurredAt' | 'subject' | 'version' | 'actor'>

/** A store event seen by webhook. The pairing of type and data is checked here, where both are still known. */
export function webhookEvent<T extends EventType>(
  type: T,
  data: DataOf<T>,
  envelope: Envelope,
): NewStoreEvent {
  return { type, source: 'webhook', ...envelope, data } as unknown as NewStoreEvent
}
