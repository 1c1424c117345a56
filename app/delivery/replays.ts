/** What a delivery itself keeps of when it was sent again. */
import { z } from 'zod'
import { timeOfId } from '../events/id-time.ts'

/** `id`: the replay's, a UUIDv7. `alone`: it was chosen by its event's id, not with others by a filter. */
export type OnceMore = { id: string; at: Date; alone: boolean }

/** So many are kept of a delivery, the newest. */
const KEPT = 20

/** SQL: the column's value with one more. @param replays the column @param id the replay's @param alone a condition */
export const ONE_MORE = (replays: string, id: string, alone: string) => `jsonb_path_query_array(
  coalesce(${replays}, '[]') || jsonb_build_object('id', ${id}::uuid, 'at', now(), 'alone', ${alone}), '$[last - ${KEPT - 1} to last]')`

const kept = z.array(z.object({ id: z.uuid(), at: z.coerce.date(), alone: z.boolean() })).nullable()

/** The oldest first. Of what was sent again before each was kept, the last selection that it was part of. */
export function replaysOf({ replays, replayId }: { replays: unknown; replayId: string | null }): OnceMore[] {
  const all = kept.parse(replays)
  if (all) return all
  return replayId === null ? [] : [{ id: replayId, at: timeOfId(replayId), alone: false }]
}
