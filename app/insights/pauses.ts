/** Why a lane is paused, as far as the state of its limits tells. */
import type { Pool } from 'pg'
import { connectionRow, openConnection } from '../delivery/connections.ts'
import { announcedUntil, limitOf, REQUEST_MS } from '../delivery/gate/allowance.ts'
import { allowancesFound, type FoundAllowance } from '../delivery/gate/found.ts'
import { type Lane, laneKey } from '../delivery/lane.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Limit } from '../vendors/vendor.ts'

/** A pause begins when the requests that are in flight have ended, and so ends later than what was announced. */
const LATER_MS = REQUEST_MS + 10_000

/** What goes after "because"; null: nothing that is stored tells. @param pausedUntil what its connection says */
export async function whyPaused(
  pool: Pool,
  sealer: Sealer,
  lane: Lane,
  pausedUntil: Date,
): Promise<string | null> {
  const row = await connectionRow(pool, lane.shopId, lane.vendor)
  if (!row) return null
  try {
    const connection = openConnection(sealer, lane.shopId, row)
    return pauseOf(connection.vendor.name, lane, pausedUntil, await allowancesFound(pool, lane, connection))
  } catch {
    // Settings that do not open are a check's and the lane's next turn's to tell.
    return null
  }
}

/**
 * Pure. A lane that was refused a permit stands in the queue of each limit that refused it; one that a vendor told to
 * slow down pauses for as long as the vendor said, from when its requests had ended.
 */
export function pauseOf(
  name: string,
  lane: Lane,
  pausedUntil: Date,
  found: readonly FoundAllowance[],
): string | null {
  const queued = found.filter(({ state }) => state.queue.some(([waiting]) => waiting === laneKey(lane)))
  const announced =
    queued.find(({ state }) => announcedUntil(state) > 0) ??
    found.find(({ state }) => announcedUntil(state) > pausedUntil.getTime() - LATER_MS)
  if (announced) {
    const until = announcedUntil(announced.state)
    const longer = until > pausedUntil.getTime() + 1_000 ? ` until ${new Date(until).toISOString()}` : ''
    return announced.state.blockedUntil > 0
      ? `${name} asked to wait${longer}`
      : `${name} said that its limit is used up${longer}`
  }
  const [first] = queued
  return first ? `${name}'s limit is used up (${limitWords(first)})` : null
}

const SHARED_BY: Readonly<Record<Limit['scope'], string>> = {
  key: 'with these credentials',
  'key+address': 'with these credentials from one address',
  address: 'from one address',
}

function limitWords({ state, rule, scope }: FoundAllowance): string {
  const requests = limitOf(state, rule)
  const seconds = rule.windowMs / 1000
  return `${requests} ${requests === 1 ? 'request' : 'requests'} in ${seconds} s ${SHARED_BY[scope]}`
}
