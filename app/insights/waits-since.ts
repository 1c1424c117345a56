/** Since when a delivery waits or is held, as lists say it. */
import { WAITS_SINCE } from '../delivery/due.ts'

/**
 * SQL, of a delivery `d` and its connection `c`, which may be gone; null: it is over. What support holds is held since the hold began,
 * or since it came: a hold that is given other words touches the delivery, and begins nothing.
 */
export const STANDS_SINCE = `case
  when d.state in ('pending', 'retry') then ${WAITS_SINCE}
  when d.state = 'waiting' then d.created_at
  when d.state = 'held' and d.reason = 'on_hold' and not d.replay then greatest(d.created_at, c.hold_since)
  when d.state = 'held' then d.updated_at end`
