/** In which orders all shops are listed, and what each is as an order of `lane_health`. */

/** `worst`: by state, the worst first, and within it by what waits. `oldest`, `oldestHeld`: by how long it waits, or what is held was received. Numbers: the most first. */
type Column = 'worst' | 'domain' | 'waiting' | 'oldest' | 'held' | 'oldestHeld' | 'delivered' | 'failed'
/** With `-`: the other way round. */
export const SHOP_SORTS = [
  'worst',
  'domain',
  '-domain',
  'waiting',
  '-waiting',
  'oldest',
  'held',
  '-held',
  'oldestHeld',
  'delivered',
  '-delivered',
  'failed',
  '-failed',
] as const satisfies readonly (Column | `-${Column}`)[]
export type ShopSort = (typeof SHOP_SORTS)[number]

/** @returns what is sorted by, and whether it is the other way round */
export function columnOf(sort: ShopSort): { column: Column; back: boolean } {
  const back = sort.startsWith('-')
  return { column: (back ? sort.slice(1) : sort) as Column, back }
}

const time = (name: string) => ({
  key: (of: string) => `coalesce(${of}.${name}, 'infinity')`,
  kind: 'timestamptz',
  ...{ least: '-infinity', most: 'infinity' },
})
const MOST = 2_147_483_647
const number = (name: string) => ({
  key: (of: string) => `(-${of}.${name})`,
  kind: 'int',
  ...{ least: String(-MOST - 1), most: String(MOST) },
})
/** Ascending, as the indexes of `lane_health` have them; backwards they are read from their end. */
const KEYS = {
  worst: number('waiting'),
  waiting: number('waiting'),
  held: number('held'),
  delivered: number('delivered'),
  failed: number('failed'),
  oldest: time('oldest_waiting'),
  oldestHeld: time('oldest_held'),
} as const

export type LaneOrder = {
  /** By the rank of the state first. */
  byState: boolean
  /** What is sorted by, of the lane of this name in SQL. */
  key(of: string): string
  /** PostgreSQL's type of it. */
  kind: string
  /** By which one place is after another, and the word after each key that is sorted by. */
  after: '>' | '<'
  direction: 'asc' | 'desc'
  /** Comes before all. */
  start: { key: string; shopId: number }
}

/** How lanes are put in order. A list by domain has no need of it. */
export function laneOrder(sort: ShopSort): LaneOrder {
  const { column, back } = columnOf(sort)
  const { key, kind, least, most } = KEYS[column === 'domain' ? 'worst' : column]
  const shared = { byState: column === 'worst', key, kind }
  return back
    ? { ...shared, after: '<', direction: 'desc', start: { key: most, shopId: MOST } }
    : { ...shared, after: '>', direction: 'asc', start: { key: least, shopId: 0 } }
}
