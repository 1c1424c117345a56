/** Requests to Alana: many events in one, purchases one by one. */
import type { Plan, Planned, Step } from '../vendor.ts'
import { type AlanaEvent, toAlana } from './map.ts'
import type { AlanaSettings } from './settings.ts'

/** "Send a batch of up to 100 events in a single request." (https://docs.alana.shopping/api-reference/v1/events) */
export const BATCH = 100
/** Learned when Alana refused a whole batch: its events go one by one, so that one bad event does not take the others with it. */
export const SEND_ALONE = 'send_alone'
const STEP = 'event'

type Ready = { id: string; event: AlanaEvent }

function step(ready: readonly Ready[], settings: AlanaSettings): Step {
  return {
    name: STEP,
    deliveries: ready.map(({ id }) => id),
    request: {
      method: 'POST',
      url: 'https://alana.shopping/api/v1/events',
      headers: { 'Content-Type': 'application/json', 'x-api-key': settings.apiKey },
      body: { events: ready.map(({ event }) => event) },
    },
  }
}

/**
 * A batch's answer says how many events failed, never which. So a purchase, whose outcome must be certain,
 * always goes in a request of its own; everything else shares requests.
 */
export function planAlana(deliveries: readonly Planned[], settings: AlanaSettings): Plan {
  const plan: Plan = { steps: [], skips: [] }
  const together: Ready[] = []
  const alone: Ready[] = []
  for (const { event, done, learned } of deliveries) {
    if (done.includes(STEP)) continue
    const mapped = toAlana(event, settings)
    if ('reason' in mapped) plan.skips.push({ delivery: event.id, ...mapped })
    else if (event.type === 'order_created' || learned.includes(SEND_ALONE))
      alone.push({ id: event.id, event: mapped.event })
    else together.push({ id: event.id, event: mapped.event })
  }
  for (let from = 0; from < together.length; from += BATCH)
    plan.steps.push(step(together.slice(from, from + BATCH), settings))
  for (const ready of alone) plan.steps.push(step([ready], settings))
  return plan
}
