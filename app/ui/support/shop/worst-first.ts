/** In which order the vendors of a shop stand on its page. */
import { useRef } from 'react'
import { type LaneState, STATES } from '../lane-state.tsx'

type Placed = { id: string; name: string; state: LaneState }

/** The worst first, as in the list of shops; of those that stand alike by name. */
export function worstFirst<T extends Placed>(vendors: readonly T[]): T[] {
  return vendors.toSorted(
    (a, b) => STATES.indexOf(b.state) - STATES.indexOf(a.state) || a.name.localeCompare(b.name, 'en'),
  )
}

/** In the order in which they were told before; what was not, comes last. */
export function inOrderOf<T extends { id: string }>(before: readonly string[], vendors: readonly T[]): T[] {
  const place = ({ id }: T) => (before.includes(id) ? before.indexOf(id) : before.length)
  return vendors.toSorted((a, b) => place(a) - place(b))
}

/** @param stays while somebody acts on one of them, nothing moves behind the dialog */
export function useWorstFirst<T extends Placed>(vendors: readonly T[], stays: boolean): T[] {
  const before = useRef<readonly string[]>([])
  const worst = worstFirst(vendors)
  if (stays && before.current.length > 0) return inOrderOf(before.current, worst)
  before.current = worst.map(({ id }) => id)
  return worst
}
