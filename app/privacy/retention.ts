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
/** Under this name stands in `rollups` what was received before when has begun to be deleted, in all shops, however long it is kept by now. */
export const THINNED = 'thinned'
/**
 * How long receipts are kept, and what waits in the spool. Shopify retries a webhook for four hours (https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks);
 * after that the events' own keys tell what is known.
 */
export const RECEIPT_DAYS = 7

/**
 * What a vendor was last given outlives the last event of it by so much: an order may be refunded or edited months later,
 * and would be made a second time by a vendor of which it is not known that it has it.
 */
const MEMORY_MARGIN_DAYS = 365

export type Forgotten = {
  /** Names of the weeks dropped. */
  partitions: string[]
  /** Rows deleted from tables without weeks. */
  rows: number
  /** Rows of the spool that could not be accepted for a week, and are lost. */
  unaccepted: number
}

/**
 * @param eventDays how long events, their deliveries and attempts are kept, in days; a week goes when all of it is older
 * @throws when a table is used so much that a week cannot be dropped now (SQLSTATE 55P03): the next run drops it
 */
export async function forgetOld(pool: Pool, now: Date, eventDays: number): Promise<Forgotten> {
  const before = new Date(now.getTime() - eventDays * DAY_MS)
  const forgotten: Forgotten = { partitions: [], rows: 0, unaccepted: 0 }
  const weekAgo = new Date(now.getTime() - RECEIPT_DAYS * DAY_MS)
  await noteThinned(pool, before)
  forgotten.rows += await deleteBefore(pool, 'receipts', weekAgo)
  // By then nobody has mended why it could not be accepted; longer, it would be raw personal data kept for nothing.
  forgotten.unaccepted = await deleteBefore(pool, 'spool', weekAgo, 'failure is not null')
  // What was sent again before was received before.
  forgotten.rows += await inChunks(
    pool,
    `delete from replays where ctid = any(array(select ctid from replays where id < $1 limit ${CHUNK}))`,
    [firstIdOf(before)],
  )
  const busy = await busyPartitions(pool, before)
  for (const table of Object.keys(PARTITIONED) as PartitionedTable[]) {
    const isBusy = (name: string) => busy.has(name.slice(table.length))
    for (const { name, week, isHistory } of await partitionsOf(pool, table)) {
      if (isBusy(name)) continue
      if (isOver(week, before)) {
        if (table === 'events') forgotten.rows += await deleteKeys(pool, name)
        await dropPartition(pool, name)
        forgotten.partitions.push(name)
      } else if (isHistory) forgotten.rows += await deleteOld(pool, table, name, before)
    }
    const strays = `${table}_default`
    if (!isBusy(strays)) forgotten.rows += await deleteOld(pool, table, strays, before)
  }
  return forgotten
}

/** Before anything is deleted: what is left of such days is not the whole (app/insights/roll-up-days.ts). */
async function noteThinned(pool: Pool, before: Date): Promise<void> {
  await pool.query(
    `insert into rollups (name, seen_until) values ($1, $2)
     on conflict (name) do update set seen_until = greatest(rollups.seen_until, excluded.seen_until)`,
    [THINNED, before],
  )
}

/**
 * Forgets what vendors were last given of what has not been sent for the time of retention and a year. What an event is
 * kept of stays, however long ago it was sent: that event may still be decided, such as by a replay, and whether it is
 * older than what the vendor has, or the same, is known by this alone. Passes through the table once, some thousand old
 * rows at a time (one that the pass misses is left to the next); 3 million rows of which none is old take half a second.
 * @returns how many rows were deleted
 */
export async function forgetMemories(pool: Pool, now: Date, eventDays: number): Promise<number> {
  const before = new Date(now.getTime() - (eventDays + MEMORY_MARGIN_DAYS) * DAY_MS)
  let deleted = 0
  let after: string | null = '(0,0)'
  while (after !== null) {
    const chunk: { rows: { deleted: number; last: string | null }[] } = await pool.query(
      `with old as materialized (
         select ctid as place, shop_id, subject, event_subject from memories
         where ctid > $2::tid and updated_at < $1 limit ${CHUNK}),
       gone as (
         delete from memories where updated_at < $1 and ctid = any(array(
           select o.place from old o where not exists (
             select from events e where e.shop_id = o.shop_id and e.subject in (o.subject, o.event_subject))))
         returning 1)
       select (select count(*)::int from gone) as deleted, (select max(place)::text from old) as last`,
      [before, after],
    )
    deleted += chunk.rows[0]?.deleted ?? 0
    after = chunk.rows[0]?.last ?? null
  }
  return deleted
}

/**
 * Partitions of which something old is still being delivered, such as a replay of it: that is forgotten when it is done.
 * @returns their names without that of their table
 */
async function busyPartitions(pool: Pool, before: Date): Promise<Set<string>> {
  const old = (await partitionsOf(pool, 'deliveries')).filter(
    ({ week, isHistory }) => isHistory || isOver(week, before),
  )
  const busy = new Set<string>()
  for (const name of [...old.map(({ name }) => name), 'deliveries_default']) {
    const open = await pool.query(
      `select from ${name} where state in ('pending', 'retry') and event_id < $1 limit 1`,
      [firstIdOf(before)],
    )
    if (open.rowCount !== 0) busy.add(name.slice('deliveries'.length))
  }
  return busy
}

/** Whether all of the week lies before the time. */
function isOver(week: Date, before: Date): boolean {
  return week.getTime() + WEEK_MS <= before.getTime()
}

function deleteBefore(
  pool: Pool,
  table: 'receipts' | 'spool',
  before: Date,
  condition = 'true',
): Promise<number> {
  return inChunks(
    pool,
    `delete from ${table} where ctid = any(array(
    select ctid from ${table} where received_at < $1 and ${condition} limit ${CHUNK}))`,
    [before],
  )
}

/**
 * Where a partition is not of one week: rows of weeks that were never made lie in the default partition, and those from
 * before there were weeks in one of their own.
 */
async function deleteOld(
  pool: Pool,
  table: PartitionedTable,
  partition: string,
  before: Date,
): Promise<number> {
  const old = `${PARTITIONED[table]} < $1`
  if (table === 'events')
    await inChunks(
      pool,
      `delete from event_keys where (shop_id, dedupe_key) in (
    select k.shop_id, k.dedupe_key from event_keys k
    join ${partition} e on e.shop_id = k.shop_id and e.dedupe_key = k.dedupe_key and e.id = k.event_id
    where e.${old} limit ${CHUNK})`,
      [firstIdOf(before)],
    )
  return inChunks(
    pool,
    `delete from ${partition} where ctid = any(array(
    select ctid from ${partition} where ${old} limit ${CHUNK}))`,
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
