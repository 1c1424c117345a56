/**
 * The circuits of this process, and of all: what fails is counted here, in memory; that a circuit opens, is tried or
 * closes is written to the table `circuits`, which every process reads at most once a second. When a rest is over, one
 * request decides, and the database gives the right to it to one process.
 */
import type { Pool, PoolClient } from 'pg'
import type { Log } from '../../log.ts'
import { type Lane, laneKey } from '../lane.ts'
import { REQUEST_MS, USABLE_MS } from './allowance.ts'
import { type History, jittered, laneFails, nextRest, note, vendorFails, without } from './circuit.ts'
import type { Clock } from './clock.ts'

/** How old the picture of the table may be. */
const PICTURE_MS = 1_000
/** The right to try ends after this, should its process have died; the pass may be used and its request answered by then. */
const PROBE_MS = USABLE_MS + REQUEST_MS + 5_000
/** While another tries, when to ask again. */
const RECHECK_MS = 5_000
/** Lanes that wait for a vendor come one after another within this. */
const SPREAD_MS = 2_000

/** `openedHere`: by the monotonic clock, when this process opened it. */
type Row = { key: string; openUntil: number; restMs: number; probingUntil: number; openedHere?: number }
/** `ahead`: of this process's clock, the database's. */
type Picture = { rows: Map<string, Row>; ahead: number; readAt: number }

/** The right to try, for these circuits. */
export type Probe = { keys: readonly string[]; token: string }
export type CircuitWait = { until: number; why: 'lane_circuit' | 'vendor_circuit' }

export type Circuits = {
  /** The database's time as far as it is known, in ms since 1970. After `standing`. */
  now(): number
  /** May the lane send? A wait, or the circuits that are to be tried: none when all are closed. */
  standing(lane: Lane): Promise<CircuitWait | { due: readonly string[] }>
  /** Whether a circuit of the lane is known to be open. Asks nobody. */
  isOpen(lane: Lane): boolean
  /** @returns the right to try all of the circuits, or null when another has it for one of them */
  takeProbe(client: Pool | PoolClient, keys: readonly string[]): Promise<Probe | null>
  /** `untried`: another may try at once. */
  endProbe(probe: Probe, lane: Lane, outcome: 'closed' | 'failed' | 'untried'): Promise<void>
  /** Notes what became of a request. @returns the circuits that must open for it */
  note(lane: Lane, failed: boolean, tookMs: number): readonly string[]
  open(keys: readonly string[]): Promise<void>
}

const COLUMNS = `key, extract(epoch from open_until)::float8 * 1000 as "openUntil", rest_ms as "restMs",
  coalesce(extract(epoch from probing_until)::float8 * 1000, 0) as "probingUntil"`

/** The lane's own circuit. Whoever deletes the row closes it, for every process at once. */
export const laneCircuit = (lane: Lane) => `lane:${laneKey(lane)}`
export const vendorCircuit = (lane: Lane) => `vendor:${lane.vendor}`

export function createCircuits(
  pool: Pool,
  log: Log,
  clock: Clock,
  random: () => number = Math.random,
): Circuits {
  let picture: Picture = {
    rows: new Map(),
    ahead: 0,
    readAt: Number.NEGATIVE_INFINITY,
  }
  let reading: Promise<void> | undefined
  const histories = new Map<string, History>()

  /** The database's time, reckoned from when the table was read. */
  const now = () => (clock.database ? clock.database() : clock.monotonic() + picture.ahead)
  /** For statements: the time in tests, else null for the database's own. */
  const stated = () => (clock.database ? new Date(clock.database()) : null)

  async function read(): Promise<void> {
    const readAt = clock.monotonic()
    const result = await pool.query<{ at: number; rows: Row[] | null }>(
      `select extract(epoch from clock_timestamp())::float8 * 1000 as at,
         (select json_agg(c) from (select ${COLUMNS} from circuits) c) as rows`,
    )
    const { at = 0, rows = [] } = result.rows[0] ?? {}
    const before = picture.rows
    picture = { rows: new Map((rows ?? []).map(row => [row.key, row])), ahead: at - readAt, readAt }
    for (const [key, row] of before) {
      if (picture.rows.has(key)) continue
      // Opened while the table was read; else closed by another process: what failed before says nothing any more.
      if (row.openedHere !== undefined && row.openedHere > readAt) picture.rows.set(key, row)
      else startAnew(key)
    }
  }

  /** The picture, at most a second old. One query for all who ask. */
  async function refresh(): Promise<void> {
    if (clock.monotonic() - picture.readAt >= PICTURE_MS) await readOnce()
  }

  function readOnce(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  /** The next who asks reads the table. */
  function outdated(): void {
    picture.readAt = Number.NEGATIVE_INFINITY
  }

  function startAnew(key: string): void {
    const [kind, ...rest] = key.split(':')
    const vendor = rest.at(-1) ?? ''
    if (kind === 'vendor') histories.delete(vendor)
    else histories.set(vendor, without(histories.get(vendor) ?? [], rest.join(':')))
  }

  function waitFor(row: Row, lane: Lane): CircuitWait | null {
    const at = now()
    const isVendor = row.key === vendorCircuit(lane)
    const until = row.openUntil > at ? row.openUntil : Math.min(row.probingUntil, at + RECHECK_MS)
    if (until <= at) return null
    return {
      until: Math.ceil(until + (isVendor ? random() * SPREAD_MS : 0)),
      why: isVendor ? 'vendor_circuit' : 'lane_circuit',
    }
  }

  function longestWait(lane: Lane): CircuitWait | undefined {
    const waits = rowsOf(lane).flatMap(row => waitFor(row, lane) ?? [])
    return waits.sort((a, b) => b.until - a.until)[0]
  }

  function rowsOf(lane: Lane): Row[] {
    return [laneCircuit(lane), vendorCircuit(lane)].flatMap(key => picture.rows.get(key) ?? [])
  }

  return {
    now,

    async standing(lane) {
      const asked = clock.monotonic()
      await refresh()
      // A person may just have closed it: told to wait by an older picture, the lane would be paused for minutes.
      while (longestWait(lane) && picture.readAt < asked) await readOnce()
      return longestWait(lane) ?? { due: rowsOf(lane).map(({ key }) => key) }
    },

    isOpen: lane => rowsOf(lane).length > 0,

    async takeProbe(client, keys) {
      const result = await client.query<{ token: string }>(
        `with time as (select coalesce($2, clock_timestamp()) as now),
           due as (
             select key from circuits, time where key = any($1) and open_until <= now
               and (probing_until is null or probing_until <= now)
             order by key for update of circuits)
         update circuits c
         set probing_until = now + make_interval(secs => $3), updated_at = clock_timestamp()
         from due, time where c.key = due.key and (select count(*) from due) = $4
         returning c.probing_until::text as token`,
        [keys, stated(), PROBE_MS / 1000, keys.length],
      )
      outdated()
      const token = result.rows[0]?.token
      return token === undefined ? null : { keys, token }
    },

    async endProbe({ keys, token }, lane, outcome) {
      const mine = [keys, token]
      const own = 'key = any($1) and probing_until = $2::timestamptz'
      if (outcome === 'closed') {
        const closed = await pool.query<{ key: string }>(
          `delete from circuits where ${own} returning key`,
          mine,
        )
        for (const { key } of closed.rows) {
          picture.rows.delete(key)
          startAnew(key)
          log.info({ circuit: key }, 'works again')
        }
      } else if (outcome === 'failed') {
        for (const key of keys) {
          const restMs = nextRest(picture.rows.get(key)?.restMs)
          await pool.query(
            `update circuits
             set rest_ms = $3, open_until = coalesce($5, clock_timestamp()) + make_interval(secs => $4),
               probing_until = null, updated_at = clock_timestamp()
             where ${own}`,
            [[key], token, restMs, jittered(restMs, random()) / 1000, stated()],
          )
          log.warn({ circuit: key, lane: laneKey(lane), restMs }, 'still fails')
        }
      } else {
        await pool.query(`update circuits set probing_until = null where ${own}`, mine)
      }
      outdated()
    },

    note(lane, failed, tookMs) {
      const at = clock.monotonic()
      const history = note(histories.get(lane.vendor) ?? [], at, laneKey(lane), failed, tookMs)
      histories.set(lane.vendor, history)
      if (!failed) return []
      const failing = [
        ...(laneFails(history, laneKey(lane), at) ? [laneCircuit(lane)] : []),
        ...(vendorFails(history, at) ? [vendorCircuit(lane)] : []),
      ]
      return failing.filter(key => !picture.rows.has(key))
    },

    async open(keys) {
      for (const key of keys) {
        const restMs = nextRest()
        const opened = await pool.query<Row>(
          `insert into circuits (key, open_until, rest_ms, opened_at, reason)
           values ($1, coalesce($4, clock_timestamp()) + make_interval(secs => $3), $2,
             coalesce($4, clock_timestamp()), 'half or more of the requests of the last minute failed')
           on conflict do nothing returning ${COLUMNS}`,
          [key, restMs, jittered(restMs, random()) / 1000, stated()],
        )
        const row = opened.rows[0]
        if (!row) continue
        picture.rows.set(key, { ...row, openedHere: clock.monotonic() })
        log.warn({ circuit: key, restMs }, 'rests: half or more of its requests failed')
      }
    },
  }
}
