/**
 * Recording: what was decided about deliveries, and what was sent and came back. A delivery that a person stopped
 * meanwhile (switched off) keeps that state unless it was delivered.
 *
 * What a vendor answered is known here alone until it is recorded, and would be sent again if it were lost. So
 * recordings of all lanes share their commits (group.ts), and while the database is away a recording waits for it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import { isAway, isConflict, isPassing, withTransaction } from '../db/database.ts'
import { toJsonb } from '../db/jsonb.ts'
import type { Log } from '../log.ts'
import { scrub } from '../privacy/mask.ts'
import { createGroups } from './group.ts'
import type { Lane } from './lane.ts'
import { testsAmong } from './lane-rows.ts'
import { markRefused, settleLane } from './lane-state.ts'
import type { Recording } from './record-rows.ts'

/** Recordings in one transaction, and transactions at once. */
const GROUP = 64
const GROUPS_AT_ONCE = 2
/** How long a recording waits for a database that is away, and how often it tries. */
const PATIENCE_MS = 5 * 60_000
const RETRY_MS = 250
/** How long what is tried again alone waits for a lock: others that are tried alone wait meanwhile. */
const ALONE_LOCK_MS = 50

export type Recorder = {
  /** Resolves once committed. @throws when the database does not take it, or was away for five minutes */
  record(recording: Recording): Promise<void>
  /**
   * The same for an answer that refuses the credentials: the lane stops in the same transaction.
   * @param sealed the credentials that were refused. If they have been replaced meanwhile, the lane goes on and the
   * deliveries are tried with the new ones
   */
  recordRefusal(lane: Lane, recording: Recording, message: string, sealed: string): Promise<void>
}

export function createRecorder(pool: Pool, log: Log): Recorder {
  const together = createGroups<Recording, void>({
    max: GROUP,
    parallel: GROUPS_AT_ONCE,
    enough: GROUP / 2,
    gathers: true,
    // Two of one delivery, or of one subject, change one row one after the other.
    namesOf: ({ deliveries, memories }) => [
      ...deliveries.map(row => `${row.shop_id} ${row.vendor} ${row.event_id}`),
      ...memories.map(row => `${row.shop_id} ${row.vendor} subject ${row.subject}`),
    ],
    async run(recordings) {
      await patiently(log, isAway, () => write(pool, merged(recordings)))
      return recordings.map(() => undefined)
    },
    // What met a lock is tried again outside these groups, so that neither slot waits for it.
    takesApart: error => !isPassing(error),
  })
  const alone = createGroups<Recording, void>({
    max: 1,
    parallel: 1,
    async run(recordings) {
      await patiently(log, isAway, () => withTransaction(pool, client => writeSoon(client, recordings)))
      return recordings.map(() => undefined)
    },
    takesApart: () => false,
  })

  async function keep(recording: Recording): Promise<void> {
    try {
      await together(recording)
    } catch (error) {
      if (!isConflict(error)) throw error
      await patiently(log, isConflict, () => alone(recording))
    }
  }

  return {
    async record(recording) {
      try {
        await keep(recording)
      } catch (error) {
        if (isPassing(error) || recording.exchanges.length === 0) throw error
        // Not recorded, the same request would be sent again and again.
        log.error({ err: error }, 'an exchange cannot be kept; what became of its deliveries is')
        await keep(withoutStory(recording))
      }
    },
    async recordRefusal(lane, recording, message, sealed) {
      await patiently(log, isPassing, () =>
        withTransaction(pool, async client => {
          // The connection is locked before its deliveries, here as wherever a lane is stopped or started.
          const stopped = await markRefused(client, lane, message, sealed)
          await write(client, stopped ? await withoutTests(client, lane, recording) : triedAgain(recording))
        }),
      )
      await settleLane(pool, lane)
    },
  }
}

/**
 * Every statement can be repeated: after a commit whose answer was lost nothing changes any more. A deadlock with
 * whoever stops or starts the lane is ended by PostgreSQL at the cost of one of the two: that one tries again.
 */
async function patiently(
  log: Log,
  passes: (error: unknown) => boolean,
  work: () => Promise<void>,
): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!passes(error) || performance.now() > end) throw error
      log.warn({ err: error }, 'what vendors answered is not recorded yet')
      await delay(RETRY_MS)
    }
  }
}

/** What became of the deliveries, without what was sent and said. */
function withoutStory({ memories, deliveries }: Recording): Recording {
  return {
    exchanges: [],
    memories,
    deliveries: deliveries.map(({ exchange_id: _exchange, message: _message, ...row }) => row),
  }
}

function merged(recordings: readonly Recording[]): Recording {
  return {
    exchanges: recordings.flatMap(({ exchanges }) => exchanges),
    memories: recordings.flatMap(({ memories }) => memories),
    deliveries: recordings.flatMap(({ deliveries }) => deliveries),
  }
}

const AGAIN = 'The credentials were replaced meanwhile. Sluice sends this again with the new ones.'

function triedAgain(recording: Recording): Recording {
  const deliveries = recording.deliveries.map(row =>
    row.state === 'held'
      ? { ...row, state: 'retry', reason: 'transient', message: scrub(AGAIN), due_at: new Date() }
      : row,
  )
  return { ...recording, deliveries }
}

/** What a lane that stops now would keep: a test is none of it. Each keeps what the vendor said of it, which was the answer to itself. */
async function withoutTests(client: PoolClient, lane: Lane, recording: Recording): Promise<Recording> {
  const held = recording.deliveries.flatMap(row => (row.state === 'held' ? row.event_id : []))
  const tests = new Set(await testsAmong(client, lane.shopId, held.sort()))
  const deliveries = recording.deliveries.map(row =>
    row.state === 'held' && tests.has(row.event_id)
      ? { ...row, state: 'skipped', reason: 'test_stopped' }
      : row,
  )
  return { ...recording, deliveries }
}

/** @throws a conflict when something of it is still locked after a moment */
async function writeSoon(client: PoolClient, recordings: readonly Recording[]): Promise<void> {
  await client.query(`set local lock_timeout = ${ALONE_LOCK_MS}`)
  await write(client, merged(recordings))
}

/** One statement, so that a group costs one round trip. */
async function write(
  client: Pool | PoolClient,
  { exchanges, memories, deliveries }: Recording,
): Promise<void> {
  const now = Date.now()
  // As a time from now: this process's clock may be another than the database's, by which it becomes due.
  const changes = deliveries.map(({ due_at: dueAt, ...row }) =>
    dueAt ? { ...row, due_in_ms: dueAt.getTime() - now } : row,
  )
  const ids = [...new Set(deliveries.map(row => row.event_id))].sort()
  const shops = [...new Set(deliveries.map(row => row.shop_id))]
  await client.query({
    name: 'record',
    text: WRITE,
    values: [toJsonb(exchanges), toJsonb(memories), toJsonb(changes), shops, ids, ids[0], ids.at(-1)],
  })
}

/** A state is taken over unless somebody has stopped the delivery since. */
const APPLIES = `(r.state is not null and (d.state in ('pending', 'retry') or r.state = 'delivered'))`

/**
 * `json`, not `jsonb`, where an exchange is to be shown as it was: keys in their order.
 *
 * An attempt counts whatever became of it. The bounds leave out the weeks in which none of the deliveries lies; the shops
 * and ids lead the index to few rows, which are then joined as a set: looked up one by one, each would go through all weeks.
 */
const WRITE = `
  with changes as materialized (
    select * from json_to_recordset($3::json) as r(
      shop_id int, vendor text, event_id uuid, number int, part int, step text, done boolean, exchange_id uuid, outcome text,
      told text, log text, state text, reason text, message text, due_in_ms float8)),
  exchange as (
    insert into exchanges (shop_id, id, vendor, started_at, duration_ms, request, response, error)
    select * from json_to_recordset($1::json) as r(
      shop_id int, id uuid, vendor text, started_at timestamptz, duration_ms int, request json, response json, error text)
    on conflict do nothing),
  attempt as (
    insert into attempts (shop_id, event_id, vendor, number, part, step, exchange_id, outcome, message, log)
    select shop_id, event_id, vendor, number, part, step, exchange_id, outcome, told, log from changes
    where exchange_id is not null
    on conflict do nothing),
  memory as (
    insert into memories (shop_id, vendor, subject, event_subject, version, fingerprint, event_id, triggered_at, updated_at)
    select r.*, now() from json_to_recordset($2::json) as r(
      shop_id int, vendor text, subject text, event_subject text, version timestamptz, fingerprint text, event_id uuid, triggered_at timestamptz)
    order by shop_id, vendor, subject
    on conflict (shop_id, vendor, subject) do update
      set event_subject = excluded.event_subject, version = excluded.version, fingerprint = excluded.fingerprint,
          event_id = excluded.event_id, triggered_at = excluded.triggered_at, updated_at = now()
    where memories.version is null or excluded.version is null or excluded.version >= memories.version)
  update deliveries d
  set attempts = greatest(d.attempts, r.number),
      trying_since = case when r.number is null then d.trying_since else coalesce(d.trying_since, now()) end,
      done = case when r.done is not true or r.step = any(d.done) then d.done else array_append(d.done, r.step) end,
      state = case when ${APPLIES} then r.state else d.state end,
      reason = case when ${APPLIES} then r.reason else d.reason end,
      message = case when ${APPLIES} then r.message else d.message end,
      due_at = case when ${APPLIES} then coalesce(now() + make_interval(secs => r.due_in_ms / 1000), d.due_at) else d.due_at end,
      replay = d.replay and not (${APPLIES} and r.state not in ('retry', 'held')),
      updated_at = now()
  from changes r
  where d.shop_id = r.shop_id and d.event_id = r.event_id and d.vendor = r.vendor
    and d.shop_id = any($4::int[]) and d.event_id = any($5::uuid[]) and d.event_id between $6::uuid and $7::uuid`
