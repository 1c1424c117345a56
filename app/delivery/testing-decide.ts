/** For tests of what is decided: states of an order, and what is known of them. */
import type { StoreEvent } from '../events/store-event.ts'
import { orderEvent, SHOP } from '../vendors/testing.ts'
import { type Deciding, type Decision, type Due, fingerprint, type Remembered } from './decide.ts'
import { eventId, tinyStep, tinyVendor } from './testing.ts'

/** So many seconds past noon. @returns ISO 8601 */
export const second = (n: number) => new Date(Date.parse('2026-11-20T12:00:00Z') + n * 1000).toISOString()

/** State number `n` of an order, received as event `id`. */
export const state = (n: number, id = n, subject = 'order:1'): StoreEvent =>
  ({ ...orderEvent('order_updated'), id: eventId(id), subject, version: second(n) }) as StoreEvent

export const due = (event: StoreEvent, over: Partial<Due> = {}): Due => ({
  event,
  attempts: 0,
  done: [],
  triggeredAt: null,
  since: new Date(),
  replayed: false,
  ...over,
})

export const deciding = (over: Partial<Deciding> = {}): Deciding => ({
  vendor: tinyVendor(),
  settings: {},
  shop: SHOP,
  now: new Date(),
  memories: new Map(),
  ...over,
})

/** What the vendor has, as it was sent with this event. */
export const remembered = (event: StoreEvent, over: Partial<Remembered> = {}) =>
  new Map<string, Remembered>([
    [
      event.subject ?? '',
      {
        version: event.version,
        fingerprint: fingerprint(tinyStep(event).request.body),
        eventId: event.id,
        triggeredAt: null,
        ...over,
      },
    ],
  ])

/** The events that are sent. */
export const sent = ({ steps }: Decision) => steps.flatMap(step => step.deliveries)
