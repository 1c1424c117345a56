/** Requests to Voucherify: one event each. */
import type { StoreEvent } from '../../events/store-event.ts'
import type { Plan, Planned, ShopFacts } from '../vendor.ts'
import { customerIdOf, isSubscription, personalValues, toVoucherify } from './map.ts'
import { eventRequest } from './request.ts'
import type { VoucherifySettings } from './settings.ts'

const STEP = 'event'

/**
 * A subscription is a state of the customer: Shopify tells of it by more than one event, and an earning rule
 * must pay for it once. Every other event stands alone.
 */
export function subscriptionOf(event: StoreEvent): string | null {
  const id = customerIdOf(event)
  return id && isSubscription(event) ? `subscription:${id}` : null
}

/** Whether Voucherify has had the subscription. A person may ask again for the event that told of it, not for another that tells the same. */
function isTold({ event, memory, replayed }: Planned): boolean {
  return memory !== null && !(replayed && memory.eventId === event.id)
}

/** One request per delivery: Voucherify takes one event at a time. */
export function planVoucherify(
  deliveries: readonly Planned[],
  settings: VoucherifySettings,
  shop: ShopFacts,
): Plan {
  const plan: Plan = { steps: [], skips: [] }
  const subscribed = new Set<string>()
  for (const delivery of deliveries) {
    const { event, done } = delivery
    if (done.includes(STEP)) continue
    const subject = subscriptionOf(event)
    const mapped = toVoucherify(event, settings, shop)
    const personal = personalValues(event, settings)
    if ('reason' in mapped) {
      plan.skips.push({ delivery: event.id, ...mapped })
    } else if (subject && (isTold(delivery) || subscribed.has(subject))) {
      plan.skips.push({ delivery: event.id, reason: 'unchanged' })
    } else {
      if (subject) subscribed.add(subject)
      plan.steps.push({
        name: STEP,
        deliveries: [event.id],
        request: eventRequest(settings, mapped.body),
        ...(personal.length > 0 && { personal }),
        ...(subject && { leaves: { subject, version: event.version ?? event.occurredAt } }),
      })
    }
  }
  return plan
}
