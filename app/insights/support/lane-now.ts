/** How the lanes of one shop stand in the words of the lists of shops, as far as can be told now and else as counted last. */
import type { Pool } from 'pg'
import type { LaneState } from '../../delivery/lane.ts'
import { HELD_REASONS } from '../../delivery/outcome.ts'
import type { LaneLine } from '../lanes.ts'

/** As last counted, by vendor; one that was connected a moment ago is not there yet. */
export async function countedStates(pool: Pool, shopId: number): Promise<Map<string, LaneState>> {
  const { rows } = await pool.query<{ vendor: string; state: LaneState }>(
    'select vendor, state from lane_health where shop_id = $1',
    [shopId],
  )
  return new Map(rows.map(({ vendor, state }) => [vendor, state]))
}

type Now = Pick<LaneLine, 'enabled' | 'attention' | 'hold' | 'rests' | 'pending' | 'retry'>

/**
 * What a person does, and an open circuit, show at once; that something waits for too long, or fails too often, by the next count.
 * @param counted as counted last; undefined: not yet
 */
export function stateNow(lane: Now, isRemoved: boolean, counted: LaneState | undefined): LaneState {
  const { enabled, attention, hold, rests, pending, retry } = lane
  if (hold !== null) return 'held'
  if (!enabled || isRemoved || attention === HELD_REASONS.disconnecting) return 'off'
  if (attention !== null) return 'attention'
  if (rests && (!rests.everyShop || pending + retry > 0)) return 'failing'
  return counted === 'failing' || counted === 'late' ? counted : 'ok'
}
