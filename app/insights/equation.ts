/**
 * All orders of a period, be they in Shopify or received = delivered + skipped, reason by reason + waiting + held + failed + what never
 * came to a tool = what Shopify counted + what it could not count + what it does not have. Whatever is counted, the rows of an
 * equation come to its whole: what does not fit is a row too. What had arrived and is being sent again is
 * delivered until it is known what that came to. Pure.
 */
import type { DeliveryState } from '../delivery/outcome.ts'
import type { SkipReason } from '../vendors/reasons.ts'
import { outcomeOf } from './activity.ts'
import type { Newer } from './newer-state.ts'

/** So many orders that one tool's deliveries came to. `deliveredBefore`: so many of these had arrived before they were sent again. */
export type Part = {
  vendor: string
  state: DeliveryState
  reason: string
  /** Where it was left to a newer state. */
  newer: Newer
  count: number
  deliveredBefore: number
}

/** What Shopify counted, and where our own count is cut for comparing the two. */
export type ShopifyCount = {
  /** Orders placed in the period, until Shopify was asked, */
  orders: number
  /** and those of them that were placed before the app was installed. */
  beforeInstall: number
}
export type Received = {
  /** Orders received in the period. */
  received: number
  /** Of these: placed before the period, */
  early: number
  /** placed after the moment until which Shopify counted, */
  since: number
  /** placed in the period, before the app was installed. */
  beforeInstall: number
}

export type Whole = {
  /** All that are known of, in Shopify or received: no row is more than these. */
  orders: number
  /** Placed before the app was installed, and not received. */
  before: number
  /** In Shopify, and never received. */
  missing: number
  /** Received, and not in Shopify any more. */
  gone: number
}

/** @param shopify null: not known, and then what was received is the whole */
export function wholeOf(ours: Received, shopify: ShopifyCount | null): Whole {
  if (!shopify) return { orders: ours.received, before: 0, missing: 0, gone: 0 }
  const inShopify = shopify.orders + ours.since + ours.early
  const before = Math.max(0, shopify.beforeInstall - ours.beforeInstall)
  const missing = inShopify - ours.received - before
  const gone = Math.max(0, -missing)
  return { orders: inShopify + gone, before, missing: Math.max(0, missing), gone }
}

export type RowKind =
  | 'delivered'
  /** Left out because a newer state of the same order was to be sent in its place. That arrived: the order is at the tool all the same. */
  | 'newer'
  | 'skipped'
  /** So it was, and the newer state was skipped as well, */
  | 'newerSkipped'
  /** or no such state is known any more. */
  | 'newerUnknown'
  | 'waiting'
  | 'newerWaiting'
  | 'held'
  | 'newerHeld'
  | 'failed'
  | 'newerFailed'
  /** Received, and nothing of it was for the tool. */
  | 'none'
  | 'before'
  | 'missing'
  /** More deliveries are counted than orders. */
  | 'difference'
/**
 * `count` is taken away where it is negative; `reason`: of what was skipped, or whose newer state was. `again`: of what is delivered, so many are being sent again;
 * of what was skipped or failed, so many had arrived before they were sent again.
 */
export type Row = { kind: RowKind; reason: string | null; count: number; again: number }

const ORDER: readonly RowKind[] = [
  'delivered',
  'newer',
  'skipped',
  'newerSkipped',
  'newerUnknown',
  'waiting',
  'newerWaiting',
  'held',
  'newerHeld',
  'failed',
  'newerFailed',
]
/** What is said of these is said of their newer states. */
const NEWER_KINDS: Partial<Record<RowKind, RowKind>> = {
  waiting: 'newerWaiting',
  held: 'newerHeld',
  failed: 'newerFailed',
}
const LEFT: SkipReason = 'superseded'
const OF_NEWER: Partial<Record<Newer, RowKind>> = {
  ...NEWER_KINDS,
  delivered: 'newer',
  none: 'newerUnknown',
  // Of a day that was counted before this was, and cannot be counted again.
  '': 'newerUnknown',
}

/** The rows of one tool, none of them zero. @param parts of that tool alone */
export function rowsOf(parts: readonly Part[], received: number, whole: Whole): Row[] {
  const counts = new Map<string, Row>()
  const add = (kind: RowKind, reason: string | null, count: number, again: number) => {
    const key = `${kind} ${reason}`
    const before = counts.get(key) ?? { count: 0, again: 0 }
    counts.set(key, { kind, reason, count: before.count + count, again: before.again + again })
  }
  for (const { state, reason, newer, count, deliveredBefore } of parts) {
    const outcome = outcomeOf(state)
    if (outcome === 'skipped' && reason === LEFT) {
      const kind = OF_NEWER[newer] ?? 'newerSkipped'
      add(kind, kind === 'newerSkipped' ? newer : null, count, deliveredBefore)
      continue
    }
    const underWay = outcome === 'waiting' || outcome === 'held'
    if (underWay) add('delivered', null, deliveredBefore, deliveredBefore)
    const again = outcome === 'skipped' || outcome === 'failed' ? deliveredBefore : 0
    add(outcome, outcome === 'skipped' ? reason : null, underWay ? count - deliveredBefore : count, again)
  }
  const place = ({ kind }: Row) => ORDER.indexOf(kind)
  const sorted = [...counts.values()].sort((a, b) => place(a) - place(b) || b.count - a.count)
  const rest = received - sorted.reduce((sum, { count }) => sum + count, 0)
  const own: Row[] = [
    ...sorted,
    { kind: rest > 0 ? 'none' : 'difference', reason: null, count: rest, again: 0 },
    ...shared(whole),
  ]
  return own.filter(({ count }) => count !== 0)
}

/** So many orders were sent to a tool, as they were received or as a newer state. */
export const sentOf = (rows: readonly Row[]): number =>
  rows.reduce((sum, { kind, count }) => (kind === 'delivered' || kind === 'newer' ? sum + count : sum), 0)

/** The rows of what was received and what was not, for all tools together. */
export function shared({ before, missing }: Whole): Row[] {
  const rows: Row[] = [
    { kind: 'before', reason: null, count: before, again: 0 },
    { kind: 'missing', reason: null, count: missing, again: 0 },
  ]
  return rows.filter(({ count }) => count !== 0)
}

export type Verdict = {
  /**
   * What a person should look at first. `difference`: the numbers do not fit; `all`: every order is accounted for; `unused`: so it is,
   * but the tool was to get none.
   */
  kind: 'empty' | 'failed' | 'held' | 'missing' | 'difference' | 'waiting' | 'unused' | 'all'
  /** So many orders it is about. */
  count: number
}

export function verdictOf(rows: readonly Row[], whole: number): Verdict {
  const count = (kind: RowKind) =>
    rows
      .filter(row => row.kind === kind || row.kind === NEWER_KINDS[kind])
      .reduce((sum, row) => sum + row.count, 0)
  const elsewhere: readonly RowKind[] = ['none', 'before', 'missing']
  if (count('none') > 0 && rows.every(({ kind }) => elsewhere.includes(kind)))
    return { kind: 'unused', count: count('none') }
  const worst = (['failed', 'held', 'missing', 'difference', 'waiting'] as const).find(
    kind => count(kind) !== 0,
  )
  if (worst) return { kind: worst, count: Math.abs(count(worst)) }
  return rows.length === 0 ? { kind: 'empty', count: 0 } : { kind: 'all', count: whole }
}
