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
  let chains: { names: Set<string>; steps: Step[] }[] = []
  for (const step of steps) {
    const names = namesOf(step, personOf)
    const joined = chains.filter(chain => names.some(name => chain.names.has(name)))
    const merged = {
      names: new Set([...joined.flatMap(chain => [...chain.names]), ...names]),
      steps: [...joined.flatMap(chain => chain.steps), step],
    }
    chains = [...chains.filter(chain => !joined.includes(chain)), merged]
  }
  const place = new Map(steps.map((step, i) => [step, i]))
  const inOrder = (a: Step, b: Step) => (place.get(a) ?? 0) - (place.get(b) ?? 0)
  return chains.map(chain => chain.steps.toSorted(inOrder)).sort(([a], [b]) => (a && b ? inOrder(a, b) : 0))
}

function namesOf({ deliveries, leaves }: Step, personOf: (delivery: string) => string | null): string[] {
  const names = deliveries.flatMap(id => {
    const person = personOf(id)
    return person === null ? [`delivery ${id}`] : [`delivery ${id}`, `person ${person}`]
  })
  return leaves ? [...names, `subject ${leaves.subject}`] : names
}
