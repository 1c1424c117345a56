/** Since when a delivery waits or is held, as lists say it. */
import { WAITS_SINCE } from '../delivery/due.ts'

/**
 * SQL, of a delivery `d` and its connection `c`, which may be gone; null: it is over. What is held is held since its lane was stopped,
 * or since it came: a lane that goes on being stopped, for another reason or in other words, touches the delivery, and begins nothing.
 */
export const STANDS_SINCE = `case
  when d.state in ('pending', 'retry') then ${WAITS_SINCE}
  when d.state = 'waiting' then d.created_at
  when d.state = 'held' and not d.replay and c.stopped_since is not null then greatest(d.created_at, c.stopped_since)
  when d.state = 'held' then d.updated_at end`
