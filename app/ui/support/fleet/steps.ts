import type { ShownAction } from '../../../runtime/support-fleet.ts'

type Counts = Pick<ShownAction, 'state' | 'total' | 'done' | 'changed' | 'followed'>
/** `percent`: from 0 to 100. `total` null: not known yet. */
export type Step = { name: 'connections' | 'deliveries'; done: number; total: number | null; percent: number }

/** How far the two steps of an action are: every shop is seen to, then the deliveries of those that were changed follow. */
export function stepsOf({ state, total, done, changed, followed }: Counts): [Step, Step] {
  const isThrough = done >= total
  return [
    { name: 'connections', done, total, percent: share(done, total, state === 'done') },
    {
      ...{ name: 'deliveries', done: followed, total: isThrough ? changed : null },
      percent: isThrough ? share(followed, changed, state === 'done') : 0,
    },
  ]
}

function share(done: number, total: number, isOver: boolean): number {
  if (total === 0) return isOver ? 100 : 0
  return Math.floor((done / total) * 100)
}
