/**
 * The steps of a fleet action. First the connections, some hundred by one transaction with an entry of the audit for each and the
 * action's progress: from then on nothing more is sent there, or it may be. Then their deliveries follow, lane by lane. Whoever
 * takes the next step begins where the last one was committed, so no shop is seen to twice and none is left out.
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { type Actor, MERCHANT_READS, writeAudit } from '../support/audit.ts'
import type { FleetKind } from './fleet-filter.ts'
import type { Lane } from './lane.ts'
import { HOLD_BEGUN, HOLD_COLUMNS, HOLD_ENDED, type KeptHold, saySettled, settleFor } from './lane-state.ts'

/**
 * Shops seen to by one transaction: some 50 ms, for which accepting an event of theirs, and a lane's turn, may wait for a lock.
 */
const SHOPS = 250
/** Lanes whose deliveries follow between two looks at whether to go on. */
const LANES = 100
/** Of these at once: the rest of the process needs connections too. */
const AT_ONCE = 3

/** For so long a lane's deliveries follow its hold here; whoever drains it goes on. */
const HOLD_MS = 1_000

type Action = Actor & {
  kind: FleetKind
  vendor: string
  reason: string
  until: Date | null
  upTo: number
  followedUpTo: number
  /** By its own entry, the first of it: its reason was asked for as one that merchants read: that of a release begun by an older version was not. */
  merchantReads: boolean
}
/** `over`: its time has come, so it does not stand any more. */
type Held = { shopId: number; over: boolean } & { [K in keyof KeptHold]: KeptHold[K] | null }
/** A shop that the action is for, as it was when that began. */
type Chosen = { shopId: number; domain: string } & Pick<Held, 'reason' | 'since'>

/**
 * Takes the next step, unless another is just taking it: then waits for that one, and takes the one after.
 * @param signal wakes a lane that may send again, or of which more is to be held
 * @returns whether there may be more to do: false when the action is done, stopped or unknown
 */
export async function fleetStep(
  pool: Pool,
  id: string,
  signal: (lane: Lane) => Promise<void>,
): Promise<boolean> {
  const action = await withTransaction(pool, async client => {
    const found = await lockedAction(client, id)
    return found && ((await changeSome(client, id, found)) ? 'changed' : found)
  })
  if (action === null) return false
  if (action === 'changed') return true
  return followSome(pool, id, action, signal)
}

async function lockedAction(client: PoolClient, id: string): Promise<Action | null> {
  const found = await client.query<Action>(
    `select action as kind, vendor, reason, until, actor, role, address, up_to as "upTo", followed_up_to as "followedUpTo",
       coalesce((
         select e.after @> $2 from audit_entries e where e.subject = $1::text order by e.id limit 1), false) as "merchantReads"
     from fleet_actions where id = $1::uuid and state = 'running' for update`,
    [id, JSON.stringify(MERCHANT_READS)],
  )
  return found.rows[0] ?? null
}

/** @returns false when every shop has been seen to */
async function changeSome(client: PoolClient, id: string, action: Action): Promise<boolean> {
  const chosen = await client.query<Chosen>(
    `select f.shop_id as "shopId", s.domain, f.hold_reason as reason, f.hold_since as since from fleet_shops f join shops s on s.id = f.shop_id
     where f.action_id = $1 and f.shop_id > $2 order by f.shop_id limit ${SHOPS}`,
    [id, action.upTo],
  )
  const last = chosen.rows.at(-1)
  if (!last) return false
  const before = await lockedHolds(
    client,
    action.vendor,
    chosen.rows.map(({ shopId }) => shopId),
  )
  const after = await changeThese(
    client,
    action,
    chosen.rows.flatMap(each => (isAsChosen(each, before.get(each.shopId)) ? each.shopId : [])),
  )
  const { vendor, reason, kind } = action
  const forMerchant = action.merchantReads ? MERCHANT_READS : null
  await writeAudit(
    client,
    action,
    chosen.rows.flatMap(({ shopId, domain: shop }) => {
      const [was, is] = [before.get(shopId), after.get(shopId)]
      if (!was || !is) return []
      return {
        action: kind,
        shop,
        vendor,
        subject: id,
        reason,
        before: holdOf(was),
        after: holdOf(is) ?? forMerchant,
      }
    }),
  )
  await client.query('update fleet_shops set changed = true where action_id = $1 and shop_id = any($2)', [
    id,
    [...after.keys()],
  ])
  await client.query(
    'update fleet_actions set done = done + $2, changed = changed + $3, up_to = $4 where id = $1',
    [id, chosen.rows.length, after.size, last.shopId],
  )
  return true
}

const HELD_COLUMNS = `shop_id as "shopId", ${HOLD_COLUMNS}, coalesce(hold_until <= now(), false) as over`

/** In the order of their key, as everybody locks connections. What was disconnected meanwhile is not among them. */
async function lockedHolds(
  client: PoolClient,
  vendor: string,
  shopIds: readonly number[],
): Promise<Map<number, Held>> {
  const found = await client.query<Held>(
    `select ${HELD_COLUMNS} from connections where shop_id = any($1) and vendor = $2 order by shop_id for update`,
    [shopIds, vendor],
  )
  return byShop(found.rows)
}

/** Whether it is still as it was when the action began: what somebody else did meanwhile stays. */
function isAsChosen({ reason, since }: Chosen, held: Held | undefined): boolean {
  if (!held) return false
  const standing = held.over ? null : held
  return (standing?.reason ?? null) === reason && standing?.since?.getTime() === since?.getTime()
}

async function changeThese(
  client: PoolClient,
  { kind, vendor, reason, until }: Action,
  shopIds: readonly number[],
): Promise<Map<number, Held>> {
  const where = `where shop_id = any($1) and vendor = $2 returning ${HELD_COLUMNS}`
  const changed =
    kind === 'release'
      ? await client.query<Held>(`update connections set ${HOLD_ENDED} ${where}`, [shopIds, vendor])
      : await client.query<Held>(`update connections set ${HOLD_BEGUN} ${where}`, [
          shopIds,
          vendor,
          reason,
          until,
        ])
  return byShop(changed.rows)
}

const byShop = (rows: readonly Held[]) => new Map(rows.map(row => [row.shopId, row]))

function holdOf({ reason, since, until }: Held): KeptHold | null {
  return reason === null || since === null ? null : { reason, since, until }
}

/** Deliveries of some lanes follow, and what is released is woken; so is a lane with much to hold. @returns whether there may be more to do */
async function followSome(
  pool: Pool,
  id: string,
  { kind, vendor, followedUpTo }: Action,
  signal: (lane: Lane) => Promise<void>,
): Promise<boolean> {
  const lanes = await pool.query<{ shopId: number; waits: boolean; unnamed: Date | null }>(
    `select f.shop_id as "shopId", (
         select unnamed_since from connections c where c.shop_id = f.shop_id and c.vendor = $2) as unnamed, exists (
         select from deliveries d where d.shop_id = f.shop_id and d.vendor = $2 and d.state = 'held') or ($3 and exists (
         select from deliveries d where d.shop_id = f.shop_id and d.vendor = $2 and d.state in ('pending', 'retry'))) as waits
     from fleet_shops f where f.action_id = $1 and f.changed and f.shop_id > $4 order by f.shop_id limit ${LANES}`,
    [id, vendor, kind === 'hold', followedUpTo],
  )
  const last = lanes.rows.at(-1)
  if (!last) return finish(pool, id, followedUpTo)
  const waiting = lanes.rows.flatMap(({ shopId, waits }) => (waits ? { shopId, vendor } : []))
  await eachOf(waiting, async lane => {
    if (kind === 'release' || (await settleFor(pool, lane, HOLD_MS)).left) await signal(lane)
  })
  const settled = lanes.rows.flatMap(({ shopId, waits, unnamed }) =>
    waits || !unnamed ? [] : { shopId, unnamed },
  )
  await saySettled(pool, vendor, settled)
  await pool.query(
    `update fleet_actions set followed = followed + $3, followed_up_to = $4 where id = $1 and followed_up_to = $2`,
    [id, followedUpTo, lanes.rows.length, last.shopId],
  )
  return true
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values()
  const runner = async () => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, runner))
}

/** Which shops it was for is told by the audit from now on. @returns false: there is nothing more to do */
async function finish(pool: Pool, id: string, followedUpTo: number): Promise<false> {
  await withTransaction(pool, async client => {
    const ended = await client.query(
      `update fleet_actions set state = 'done', finished_at = now() where id = $1 and state = 'running' and followed_up_to = $2`,
      [id, followedUpTo],
    )
    if (ended.rowCount === 1) await client.query('delete from fleet_shops where action_id = $1', [id])
  })
  return false
}
