/** Support's hold of one lane, and its end, each written down with who did it: neither stands without the other. */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { storable } from '../db/jsonb.ts'
import { scrub } from '../privacy/mask.ts'
import { type Actor, MERCHANT_READS, writeAudit } from '../support/audit.ts'
import { COUNTED_UP_TO, type Lane } from './lane.ts'
import {
  endHold,
  HOLD_COLUMNS,
  type Hold,
  type KeptHold,
  type Released,
  settleFor,
  startHold,
} from './lane-state.ts'

/** A hold that stands. `by`: who placed it or replaced it last, as the audit has it; null: it does not. */
export type StandingHold = KeptHold & { by: string | null }

/** Whether a hold that stands is replaced: any, none, or only the one that was seen. */
export type Replace = boolean | KeptHold

/** Why a lane is not held, or not released: support holds it already, and nobody said that the hold is to be replaced. */
export class HoldStands extends Error {
  override name = 'HoldStands'
  readonly hold: StandingHold

  constructor(hold: StandingHold) {
    super('Support holds it already.')
    this.hold = hold
  }
}

/**
 * Holds the lane for support. The hold and its entry are one transaction; the deliveries follow in chunks, by the next drain if this
 * ends before.
 * @param shop the shop's domain
 * @param options.replace whether a hold that stands takes the new reason and end, which the audit has beside what was before
 * @param options.withinMs after so long the rest of the deliveries is left to whoever drains the lane, which the caller then signals
 * @returns how many deliveries are held then, also those that were before, up to `COUNTED_UP_TO`, and whether it is a hold that stood and was
 * changed; null when the vendor is not connected: nothing is written then
 * @throws HoldStands where a hold stands that is not to be replaced
 */
export async function holdBySupport(
  pool: Pool,
  lane: Lane,
  hold: Hold,
  by: Actor,
  shop: string,
  { replace = false, withinMs = Number.POSITIVE_INFINITY }: { replace?: Replace; withinMs?: number } = {},
): Promise<{ held: number; left: boolean; changed: boolean } | null> {
  const done = await withTransaction(pool, async client => {
    const before = await lockedHold(client, lane)
    if (before && !isOver(before) && !mayReplace(before, replace))
      throw new HoldStands({ ...before, by: await placedBy(client, lane) })
    if (!(await startHold(client, lane, hold))) return null
    const after = await lockedHold(client, lane)
    const { vendor } = lane
    await writeAudit(client, by, [
      { action: 'hold', shop, vendor, reason: after?.reason ?? null, before, after },
    ])
    return { changed: before !== null && before.since.getTime() === after?.since.getTime() }
  })
  if (!done) return null
  const { left } = await settleFor(pool, lane, withinMs)
  return { held: await heldNow(pool, lane), left, ...done }
}

async function heldNow(pool: Pool, { shopId, vendor }: Lane): Promise<number> {
  const { rows } = await pool.query<{ held: number }>(
    `select count(*)::int as held from (
       select from deliveries where shop_id = $1 and vendor = $2 and state = 'held' limit ${COUNTED_UP_TO}) held`,
    [shopId, vendor],
  )
  return rows[0]?.held ?? 0
}

/** The hold that stands; null: none. */
export async function standingHold(pool: Pool, lane: Lane): Promise<StandingHold | null> {
  const hold = await holdOf(pool, lane, '')
  return hold && !isOver(hold) ? { ...hold, by: await placedBy(pool, lane) } : null
}

const mayReplace = (hold: KeptHold, replace: Replace): boolean =>
  typeof replace === 'boolean' ? replace : isSame(hold, replace)

const isSame = (one: KeptHold, other: KeptHold): boolean =>
  one.reason === other.reason &&
  one.since.getTime() === other.since.getTime() &&
  one.until?.getTime() === other.until?.getTime()

/** Its time has come, and it ends by itself within seconds. */
const isOver = ({ until }: KeptHold) => until !== null && until <= new Date()

/** Who gave the hold its present words, by the audit. */
async function placedBy(client: Pool | PoolClient, { shopId, vendor }: Lane): Promise<string | null> {
  const { rows } = await client.query<{ actor: string }>(
    `select a.actor from connections c join shops s on s.id = c.shop_id cross join lateral (
       select actor from audit_entries e
       where e.shop = s.domain and e.vendor = c.vendor and e.action = 'hold' and e.at >= c.hold_since order by e.id desc limit 1) a
     where c.shop_id = $1 and c.vendor = $2`,
    [shopId, vendor],
  )
  return rows[0]?.actor ?? null
}

type ReleaseOptions = { merchantReads?: boolean; seen?: KeptHold | undefined; withinMs?: number }

/**
 * Ends support's hold. What is switched off or waits for credentials stays held for that. The caller signals the lane.
 * @param reason why it is released
 * @param options.merchantReads whether whoever gave the reason was told that the merchant reads it; otherwise it is for the audit alone
 * @param options.seen the hold that is meant; not given: whichever there is
 * @param options.withinMs as for a hold
 * @returns null when support does not hold the lane: nothing is written then
 * @throws HoldStands where another hold stands than the one that is meant
 */
export async function releaseBySupport(
  pool: Pool,
  lane: Lane,
  reason: string,
  by: Actor,
  shop: string,
  { merchantReads = false, seen, withinMs = Number.POSITIVE_INFINITY }: ReleaseOptions = {},
): Promise<(Released & { left: boolean }) | null> {
  const said = storable(scrub(reason))
  const released = await withTransaction(pool, async client => {
    const before = await lockedHold(client, lane)
    if (!before) return false
    if (seen && !isSame(before, seen)) throw new HoldStands({ ...before, by: await placedBy(client, lane) })
    await endHold(client, lane)
    const { vendor } = lane
    const after = merchantReads ? MERCHANT_READS : null
    await writeAudit(client, by, [{ action: 'release', shop, vendor, reason: said, before, after }])
    return true
  })
  if (!released) return null
  const { held: _, ...moved } = await settleFor(pool, lane, withinMs)
  return moved
}

/** Waits for whoever is changing the connection. @returns null where support holds nothing, or the vendor is not connected */
const lockedHold = (client: PoolClient, lane: Lane) => holdOf(client, lane, 'for update')

async function holdOf(
  client: Pool | PoolClient,
  { shopId, vendor }: Lane,
  lock: '' | 'for update',
): Promise<KeptHold | null> {
  type Row = KeptHold | { reason: null }
  const found = await client.query<Row>(
    `select ${HOLD_COLUMNS} from connections where shop_id = $1 and vendor = $2 ${lock}`,
    [shopId, vendor],
  )
  const [row] = found.rows
  return row && row.reason !== null ? row : null
}
