/**
 * The gate in front of every request to a vendor: nothing is sent without a permit. It keeps the vendors' rate limits
 * over all nodes (allowance.ts, queue.ts), does what answers announce, and lets a failing lane or vendor rest
 * (circuit.ts).
 */
import { randomBytes } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import type { Log } from '../../log.ts'
import { type Lane, laneKey } from '../lane.ts'
import { type AllowanceState, announcedUntil, grant } from './allowance.ts'
import { type Circuits, type CircuitWait, createCircuits, type Probe } from './circuits.ts'
import { type Clock, createClock } from './clock.ts'
import { type Allowance, type Asking, allowancesOf } from './keys.ts'
import { createPass, type Pass } from './pass.ts'
import { enqueue, offer, turnOf } from './queue.ts'
import { changeAllowances, type States } from './store.ts'

export type { Asking } from './keys.ts'
export { type Lifted, liftAnnounced } from './lift.ts'
export type { Pass, Result } from './pass.ts'
export { forgetIdleAllowances } from './store.ts'

/**
 * Nothing may be sent before `until`, by the database's clock, which is `inMs` from now; asking again then keeps the
 * lane's place.
 */
export type Wait = {
  kind: 'wait'
  until: Date
  inMs: number
  why: 'limit' | 'announced' | CircuitWait['why']
}

export type Gate = {
  /**
   * Asks for `want` permits, at least one. Makes no call to the database when the vendor has no limits and no circuit
   * is open, but for a look at the circuits once a second.
   * @throws when the database cannot be reached: then nothing may be sent
   */
  ask(lane: Lane, asking: Asking, want: number): Promise<Pass | Wait>
}

export type GateOptions = {
  pool: Pool
  log: Log
  /** The name of the address from which this node sends; nodes behind one address have one name. */
  address: string
  /** For tests: stands in for the database's clock and this process's, in ms since 1970. */
  now?: () => number
}

/** What the lane is given, or until when it waits. */
type Given = { permits: number; probe: Probe | null } | { wait: Wait }

/** When to ask again after another took the one request that tries a circuit. */
const AGAIN_MS = 1_000

export function createGate({ pool, log, address, now }: GateOptions): Gate {
  const clock = createClock(now)
  const circuits = createCircuits(pool, log, clock)
  return {
    async ask(lane, asking, want) {
      const startedAt = clock.monotonic()
      const standing = await circuits.standing(lane)
      if ('until' in standing) return waitOf(standing, circuits.now())
      const allowances = allowancesOf(lane, asking, address)
      const id = randomBytes(9).toString('base64url')
      const wanted = standing.due.length > 0 ? 1 : Math.max(1, Math.floor(want))
      const given = await take({ pool, clock, circuits, lane, allowances, id }, standing.due, wanted)
      if (given === null) return standAgain(circuits, lane)
      if ('wait' in given) return given.wait
      return createPass({ pool, log, clock, circuits, lane, asking, allowances, id, ...given, startedAt })
    },
  }
}

type Taking = {
  pool: Pool
  clock: Clock
  circuits: Circuits
  lane: Lane
  allowances: readonly Allowance[]
  id: string
}

/** Permits, and the right to try what is due. Null when another has that right: then no permit is taken either. */
async function take(taking: Taking, due: readonly string[], want: number): Promise<Given | null> {
  const { pool, clock, circuits, lane, allowances, id } = taking
  const probeBy = (client: Pool | PoolClient) => (due.length > 0 ? circuits.takeProbe(client, due) : null)
  if (allowances.length === 0) {
    const probe = await probeBy(pool)
    return due.length > 0 && !probe ? null : { permits: want, probe }
  }
  return changeAllowances(pool, clock, allowances, async (states, now, client) => {
    const given = takePermits(states, allowances, lane, id, want, now)
    if (typeof given !== 'number') return { wait: given }
    const probe = await probeBy(client)
    return due.length > 0 && !probe ? null : { permits: given, probe }
  })
}

/** As many permits as every allowance offers, or a place in the queues of those that do not. */
function takePermits(
  states: States,
  allowances: readonly Allowance[],
  lane: Lane,
  id: string,
  want: number,
  now: number,
): number | Wait {
  const name = laneKey(lane)
  const standings = allowances.flatMap(({ key, rule }) => {
    const state = states.get(key)
    return state ? [{ key, rule, state, offered: offer(state, rule, name, want, now) }] : []
  })
  const permits = Math.min(...standings.map(({ offered }) => offered))
  if (permits >= 1) {
    for (const { key, state } of standings) states.set(key, grant(state, name, id, permits, now))
    return permits
  }
  const refusing = standings.filter(({ offered }) => offered < 1)
  const until = Math.ceil(Math.max(...refusing.map(({ state, rule }) => turnOf(state, rule, name, now))))
  const waits = (state: AllowanceState) => state.queue.some(([waiting]) => waiting === name)
  for (const { key, state, offered } of standings)
    if (offered < 1 || waits(state)) states.set(key, enqueue(state, name, until))
  const why = refusing.some(({ state }) => announcedUntil(state) > 0) ? 'announced' : 'limit'
  return waitOf({ until, why }, now)
}

function waitOf({ until, why }: { until: number; why: Wait['why'] }, now: number): Wait {
  return { kind: 'wait', until: new Date(until), inMs: Math.max(0, until - now), why }
}

/** Another tries the circuit: what it now says of when to come, or a moment later. */
async function standAgain(circuits: Circuits, lane: Lane): Promise<Wait> {
  const standing = await circuits.standing(lane)
  if ('until' in standing) return waitOf(standing, circuits.now())
  const why = standing.due.some(key => key.startsWith('lane:')) ? 'lane_circuit' : 'vendor_circuit'
  return waitOf({ until: circuits.now() + AGAIN_MS, why }, circuits.now())
}
