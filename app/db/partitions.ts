/**
 * Partitions by week of the tables that grow with every event. The partition's column is a UUIDv7, whose first 48
 * bits are the Unix time in milliseconds (RFC 9562 §5.7): a week is a range of ids. Weeks begin on Monday, UTC.
 *
 * Each table has a default partition, so that a row is kept even where no week was made for it; making the week
 * later moves such rows into it. PostgreSQL looks through all of the default partition whenever a week is attached, and
 * locks out everybody meanwhile, so it must stay next to empty. What a database held before there were weeks is a
 * partition of its own therefore, made by the migration late_effects: with 3 million events (2.8 GB) and 6 million
 * deliveries (1.7 GB) in the default partitions, all in memory, attaching a week locked the one for 1.0 s and the
 * other for 3.0 s; with these in partitions of their own, for 1 ms and 2 ms.
 */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from './database.ts'

/** Each partitioned table and its partition's column. Dropped in this order: an event goes after what refers to it. */
export const PARTITIONED = {
  attempts: 'event_id',
  deliveries: 'event_id',
  exchanges: 'id',
  events: 'id',
} as const
export type PartitionedTable = keyof typeof PARTITIONED

export const WEEK_MS = 7 * 24 * 3600 * 1000
/** 1970-01-01 was a Thursday; the Monday after it began the first whole week. */
const FIRST_MONDAY_MS = 4 * 24 * 3600 * 1000
/** How far ahead weeks are made: a node that cannot make any has this long until rows go to the default partition. */
const WEEKS_AHEAD = 4
/**
 * Changing the list of partitions needs a short lock on the whole table; waiting for it makes every query behind wait
 * as well, so it is given up soon and tried again at the next turn.
 */
const LOCK_PATIENCE_MS = 2_000

/** The start of the week in which `at` lies. */
export function weekOf(at: Date): Date {
  return new Date(Math.floor((at.getTime() - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS)
}

/** Below every id, and above it. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000'
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** The smallest UUIDv7 of a millisecond: every id made then or later is not below it. */
export function firstIdOf(at: Date): string {
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

/** The same as `firstIdOf` in SQL. @param at an expression that gives a timestamptz */
export function firstIdInSql(at: string): string {
  return `(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`
}

/** When the event of an id (UUIDv7) was received, in Unix milliseconds. @param id a column or a value */
export function receivedInSql(id: string): string {
  return `('x' || left(replace(${id}::text, '-', ''), 12))::bit(48)::bigint`
}

/** "events_20261116" for the week of Monday, 16 November 2026. */
export function partitionName(table: PartitionedTable, week: Date): string {
  return `${table}_${week.toISOString().slice(0, 10).replaceAll('-', '')}`
}

/**
 * Makes the weeks from that of `from` (default: the present one) to four weeks ahead of `now`, where they are missing.
 * Safe to call from many processes at once.
 * @returns the names of those made
 */
export async function ensurePartitions(pool: Pool, now: Date, from: Date = now): Promise<string[]> {
  const last = weekOf(now).getTime() + WEEKS_AHEAD * WEEK_MS
  const made: string[] = []
  for (const table of Object.keys(PARTITIONED) as PartitionedTable[]) {
    const existing = await partitionsOf(pool, table)
    const names = new Set(existing.map(({ name }) => name))
    const history = existing.find(({ isHistory }) => isHistory)
    for (let week = weekOf(from); week.getTime() <= last; week = new Date(week.getTime() + WEEK_MS)) {
      const name = partitionName(table, week)
      if (names.has(name) || (history && week <= history.week)) continue
      if (await makePartition(pool, table, week)) made.push(name)
    }
  }
  return made
}

/** `week`: what it holds begins then. `isHistory`: it holds every week before as well ("events_until_20261123"). */
export type Partition = { name: string; week: Date; isHistory: boolean }

/** The weeks of a table, oldest first, without the default partition. */
export async function partitionsOf(pool: Pool, table: PartitionedTable): Promise<Partition[]> {
  const found = await pool.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = $1::regclass`,
    [table],
  )
  const partitions = found.rows.flatMap(({ name }) => {
    const [, until, year, month, day] = /(_until)?_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? []
    if (!year) return []
    const named = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
    return [{ name, week: new Date(until ? named - WEEK_MS : named), isHistory: until !== undefined }]
  })
  return partitions.sort((a, b) => a.week.getTime() - b.week.getTime())
}

/** Drops one week of a table with all its rows. Throws when others use the table for too long (SQLSTATE 55P03). */
export function dropPartition(pool: Pool, name: string): Promise<void> {
  return changing(pool, async client => {
    await client.query(`drop table if exists ${name}`)
  })
}

/** @returns false when another process has made it meanwhile */
function makePartition(pool: Pool, table: PartitionedTable, week: Date): Promise<boolean> {
  const name = partitionName(table, week)
  const column = PARTITIONED[table]
  const from = firstIdOf(week)
  const to = firstIdOf(new Date(week.getTime() + WEEK_MS))
  return changing(pool, async client => {
    const there = await client.query('select 1 from pg_class where relname = $1', [name])
    if (there.rowCount !== 0) return false
    // Attached, not created as a partition: that would lock out the table's readers and writers.
    await client.query(`create table ${name} (like ${table} including all)`)
    await client.query(`lock table ${table}_default in access exclusive mode`)
    await client.query(
      `with moved as (delete from ${table}_default where ${column} >= '${from}' and ${column} < '${to}' returning *)
       insert into ${name} select * from moved`,
    )
    await client.query(
      `alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`,
    )
    return true
  })
}

/** "sluice" and a number, so that it is not the lock of the migrations. */
const LOCK = '0x736c75696366'

/** One process at a time changes the list of partitions. */
function changing<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return withTransaction(pool, async client => {
    await client.query(`select pg_advisory_xact_lock(${LOCK}::bigint)`)
    await client.query(`set local lock_timeout = ${LOCK_PATIENCE_MS}`)
    return work(client)
  })
}
