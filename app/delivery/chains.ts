/**
 * Which steps must go one after another: those that carry a common delivery, those that leave the same subject, and
 * those about one person, whose events keep their order and who must not be made a contact twice at the same moment.
 * Such steps form a chain; chains may go side by side. Pure.
 */
import type { Step } from '../vendors/vendor.ts'

/**
 * @param personOf who the event of a delivery is about, null when nobody is known
 * @returns chains in the order of their first steps, the steps of each in their order
 */
export function chainsOf(steps: readonly Step[], personOf: (delivery: string) => string | null): Step[][] {
  const chains = new Set<Chain>()
  const byName = new Map<string, Chain>()
  for (const step of steps) {
    const names = namesOf(step, personOf)
    const joined = new Set(names.flatMap(name => byName.get(name) ?? []))
    const [chain = { names: [], steps: [] }, ...others] = joined
    chain.names.push(...names, ...others.flatMap(other => other.names))
    chain.steps.push(...others.flatMap(other => other.steps), step)
    for (const other of others) chains.delete(other)
    chains.add(chain)
    // The chain that was joined knows its own names already.
    for (const name of others.length > 0 ? chain.names : names) byName.set(name, chain)
  }
  const place = new Map(steps.map((step, i) => [step, i]))
  const inOrder = (a: Step, b: Step) => (place.get(a) ?? 0) - (place.get(b) ?? 0)
  return [...chains]
    .map(chain => chain.steps.toSorted(inOrder))
    .sort(([a], [b]) => (a && b ? inOrder(a, b) : 0))
}

type Chain = { names: string[]; steps: Step[] }

function namesOf({ deliveries, leaves }: Step, personOf: (delivery: string) => string | null): string[] {
  const names = deliveries.flatMap(id => {
    const person = personOf(id)
    return person === null ? [`delivery ${id}`] : [`delivery ${id}`, `person ${person}`]
  })
  return leaves ? [...names, `subject ${leaves.subject}`] : names
}
