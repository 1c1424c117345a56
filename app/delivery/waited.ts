/**
 * The chore of what waits for a person: it looks once more for those who were linked, or whose customer became known, a moment
 * ago (whoever learned that may have died before it woke what waits), and ends what has waited for long enough.
 */
import type { Pool } from 'pg'
import type { Sealer } from '../secrets/seal.ts'
import { laneWalk } from './due.ts'
import { settleVisitors } from './known.ts'
import type { Lane } from './lane.ts'
import { LOCK_ORDER, NEVER_KNOWN_IN_SQL, WAITED_BEFORE } from './waiting.ts'

/** What was learned so long ago is looked at again: several rounds of the chore. */
const LEARNED_WITHIN = '5 minutes'
/** Deliveries ended at a time: some 50 ms. */
const CHUNK = 500
/** Visitors looked at in one statement, each of whom has up to fifty deliveries at a vendor: the same. */
const VISITORS = 50

type Context = { pool: Pool; sealer: Sealer; signal(lanes: readonly Lane[]): void }

/**
 * @param lost ends the work early, between two chunks
 * @returns how many deliveries ended
 */
export async function endWaiting(context: Context, lost?: AbortSignal): Promise<number> {
  await settleLinked(context, lost)
  let ended = 0
  for (const lane of await lanesWaiting(context.pool)) {
    for (let some = CHUNK; some === CHUNK && !lost?.aborted; ended += some)
      some = await endSome(context, lane)
  }
  return ended
}

/** Those linked of late, or to a customer who became known of late, in shops where anything waits. */
async function settleLinked({ pool, sealer, signal }: Context, lost?: AbortSignal): Promise<void> {
  const found = await pool.query<{ shop_id: number; visitor_id: string }>(
    `with known as materialized (
       select shop_id, customer_id from customers where known_at > now() - interval '${LEARNED_WITHIN}'),
     learned as (
       select shop_id, visitor_id from visitor_links where linked_at > now() - interval '${LEARNED_WITHIN}'
       union
       select shop_id, visitor_id from known join visitor_links using (shop_id, customer_id)
       union
       select k.shop_id, l.visitor_id from known k
       join customers c on c.shop_id = k.shop_id and c.merged_into = k.customer_id
       join visitor_links l on l.shop_id = k.shop_id and l.customer_id = c.customer_id)
     select shop_id, visitor_id from learned l
     where exists (select from deliveries d where d.shop_id = l.shop_id and d.state = 'waiting')
     order by 1, 2`,
  )
  for (const [shopId, rows] of Map.groupBy(found.rows, row => row.shop_id)) {
    for (let from = 0; from < rows.length && !lost?.aborted; from += VISITORS) {
      const visitors = rows.slice(from, from + VISITORS).map(row => row.visitor_id)
      signal(await settleVisitors(pool, sealer, shopId, visitors))
    }
  }
}

async function lanesWaiting(pool: Pool): Promise<Lane[]> {
  const result = await pool.query<{ shop_id: number; vendor: string }>(
    `with recursive ${laneWalk('lane', "d.state = 'waiting'")} select shop_id, vendor from lane`,
  )
  return result.rows.map(row => ({ shopId: row.shop_id, vendor: row.vendor }))
}

/**
 * Oldest first. Whoever is known by now, however that was missed, is not ended but sent.
 * @returns how many were looked at, all of which wait no longer
 */
async function endSome({ pool, sealer, signal }: Context, { shopId, vendor }: Lane): Promise<number> {
  const found = await pool.query<{ id: string; visitor_id: string | null }>(
    // The bound is asked for by itself, so that the index is read no further than to it.
    `select event_id as id, visitor_id from deliveries
     where shop_id = $1 and vendor = $2 and state = 'waiting'
       and event_id < (select ${WAITED_BEFORE} from shops s where s.id = $1)
     order by event_id limit ${CHUNK}`,
    [shopId, vendor],
  )
  if (found.rows.length === 0) return 0
  const visitors = [...new Set(found.rows.flatMap(row => row.visitor_id ?? []))]
  signal(await settleVisitors(pool, sealer, shopId, visitors))
  const ids = found.rows.map(({ id }) => id)
  await pool.query(
    `with locked as materialized (
       select event_id from deliveries d
       where shop_id = $1 and vendor = $2 and event_id = any($3::uuid[]) and event_id between $4 and $5 and state = 'waiting'
       ${LOCK_ORDER})
     update deliveries d set state = 'skipped', message = ${NEVER_KNOWN_IN_SQL('d.reason')}, replay = false, visitor_id = null,
       updated_at = now()
     from locked l
     where d.shop_id = $1 and d.vendor = $2 and d.event_id = l.event_id and d.event_id between $4 and $5 and d.state = 'waiting'`,
    [shopId, vendor, ids, ids[0], ids.at(-1)],
  )
  return ids.length
}
