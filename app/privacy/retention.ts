/**
 * Retention: events and what became of them are kept for a number of days, receipts for a week. Whole weeks are
 * dropped, and what lies in tables without weeks is deleted a few thousand rows at a time: nothing here holds a lock
 * for long. An interrupted run is taken up by the next one.
 */
import type { Pool } from 'pg'
import { CHUNK, inChunks } from '../db/chunks.ts'
import {
  dropPartition,
  firstIdOf,
  PARTITIONED,
  type PartitionedTable,
  partitionsOf,
  WEEK_MS,
} from '../db/partitions.ts'

const DAY_MS = 24 * 3600 * 1000
/**
 * How long receipts are kept, and what waits in the spool. Shopify retries a webhook for four hours (https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks);
 * after that the events' own keys tell what is known.
 */
export const RECEIPT_DAYS = 7

export type Forgotten = {
  /** Names of the weeks dropped. */
  partitions: string[]
  /** Rows deleted from tables without weeks. */
  rows: number
}

/**
 * @param eventDays how long events, their deliveries and attempts are kept, in days; a week goes when all of it is older
 * @throws when a table is used so much that a week cannot be dropped now (SQLSTATE 55P03): the next run drops it
 */
export async function forgetOld(pool: Pool, now: Date, eventDays: number): Promise<Forgotten> {
  const before = new Date(now.getTime() - eventDays * DAY_MS)
  const forgotten: Forgotten = { partitions: [], rows: 0 }
  const weekAgo = new Date(now.getTime() - RECEIPT_DAYS * DAY_MS)
  forgotten.rows += await deleteBefore(pool, 'receipts', weekAgo)
  // By then nobody has mended why it could not be accepted; longer, it would be raw personal data kept for nothing.
  forgotten.rows += await deleteBefore(pool, 'spool', weekAgo)
  const busy = await busyWeeks(pool, before)
  for (const table of Object.keys(PARTITIONED) as PartitionedTable[]) {
    for (const { name, week } of await partitionsOf(pool, table)) {
      if (!isOver(week, before) || busy.has(week.getTime())) continue
      if (table === 'events') forgotten.rows += await deleteKeys(pool, name)
      await dropPartition(pool, name)
      forgotten.partitions.push(name)
    }
    forgotten.rows += await deleteStrays(pool, table, before)
  }
  return forgotten
}

/** Weeks of which something is still being delivered, such as a replay of it: they are dropped when that is done. */
async function busyWeeks(pool: Pool, before: Date): Promise<Set<number>> {
  const busy = new Set<number>()
  for (const { name, week } of await partitionsOf(pool, 'deliveries')) {
    if (!isOver(week, before)) continue
    const open = await pool.query(`select from ${name} where state in ('pending', 'retry') limit 1`)
    if (open.rowCount !== 0) busy.add(week.getTime())
  }
  return busy
}

/** Whether all of the week lies before the time. */
function isOver(week: Date, before: Date): boolean {
  return week.getTime() + WEEK_MS <= before.getTime()
}

function deleteBefore(pool: Pool, table: 'receipts' | 'spool', before: Date): Promise<number> {
  return inChunks(
    pool,
    `delete from ${table} where ctid = any(array(
    select ctid from ${table} where received_at < $1 limit ${CHUNK}))`,
    [before],
  )
}

/** Rows of weeks that were never made lie in the default partition. */
async function deleteStrays(pool: Pool, table: PartitionedTable, before: Date): Promise<number> {
  const strays = `${table}_default`
  const old = `${PARTITIONED[table]} < $1`
  if (table === 'events')
    await inChunks(
      pool,
      `delete from event_keys where (shop_id, dedupe_key) in (
    select k.shop_id, k.dedupe_key from event_keys k
    join ${strays} e on e.shop_id = k.shop_id and e.dedupe_key = k.dedupe_key and e.id = k.event_id
    where e.${old} limit ${CHUNK})`,
      [firstIdOf(before)],
    )
  return inChunks(
    pool,
    `delete from ${strays} where ctid = any(array(
    select ctid from ${strays} where ${old} limit ${CHUNK}))`,
    [firstIdOf(before)],
  )
}

/** The keys of a week's events, in the order of its primary key: each chunk begins where the last one ended. */
async function deleteKeys(pool: Pool, partition: string): Promise<number> {
  let deleted = 0
  let after: { shop_id: number; id: string } | undefined = { shop_id: -1, id: firstIdOf(new Date(0)) }
  while (after) {
    const chunk: { rows: { shop_id: number; id: string; deleted: number }[] } = await pool.query(
      `with chunk as (
         select shop_id, id, dedupe_key from ${partition} where (shop_id, id) > ($1, $2) order by 1, 2 limit ${CHUNK}),
       gone as (
         delete from event_keys k using chunk c
         where k.shop_id = c.shop_id and k.dedupe_key = c.dedupe_key and k.event_id = c.id returning 1)
       select shop_id, id, (select count(*)::int from gone) as deleted from chunk order by 1 desc, 2 desc limit 1`,
      [after.shop_id, after.id],
    )
    after = chunk.rows[0]
    deleted += chunk.rows[0]?.deleted ?? 0
  }
  return deleted
}
