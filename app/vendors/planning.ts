/** Planning for vendors that take one event at a time: each delivery is decided alone. */
import type { SkipReason } from './reasons.ts'
import type { Plan, Planned, Step } from './vendor.ts'

/** The steps of one delivery, or why it is not sent. */
export type Decision = { steps: Step[] } | { skip: SkipReason; detail?: string }

/** Decides each delivery alone and leaves out the steps that an earlier attempt has done. */
export function planEach(deliveries: readonly Planned[], decide: (delivery: Planned) => Decision): Plan {
  const plan: Plan = { steps: [], skips: [] }
  for (const delivery of deliveries) {
    const decision = decide(delivery)
    if ('skip' in decision) {
      const { skip: reason, detail } = decision
      plan.skips.push({ delivery: delivery.event.id, reason, ...(detail && { detail }) })
      continue
    }
    plan.steps.push(...decision.steps.filter(step => !delivery.done.includes(step.name)))
  }
  return plan
}
