/** That something was sent again, kept for the list of it: when (its id begins with that), by whom, by which filters or which event, how many. */
import { toJsonb } from '../db/jsonb.ts'
import type { Noting } from './replay.ts'

/** `shop`: its merchant. `staff`: support, or whoever runs Sluice. */
export const REPLAYED_BY = ['shop', 'staff'] as const
export type ReplayedBy = (typeof REPLAYED_BY)[number]
/**
 * What it was chosen by, as the address of a list says it; of a person only that it was one. `partly`: also what was rejected in part.
 * `event`: that one alone, by its id.
 */
export type ReplayChosen = Partial<
  Record<
    | 'type'
    | 'vendor'
    | 'outcome'
    | 'reason'
    | 'partly'
    | 'newer'
    | 'replay'
    | 'event'
    | 'order'
    | 'placed'
    | 'person'
    | 'since'
    | 'until',
    string
  >
>

/** Keeps each step of a replay in the step's own transaction, so that exactly what was sent again is counted. @param note writes it down as well */
export function keepReplay(shopId: number, by: ReplayedBy, chosen: ReplayChosen, note?: Noting): Noting {
  return async (client, step) => {
    const { id, count } = step
    await client.query(
      `insert into replays (shop_id, id, sent_by, chosen, count) values ($1, $2, $3, $4, $5)
       on conflict (shop_id, id) do update set count = replays.count + excluded.count`,
      [shopId, id, by, toJsonb(chosen), count],
    )
    await note?.(client, step)
  }
}
