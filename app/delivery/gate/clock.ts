/** The two clocks of the gate. What counts is the database's: it is the one clock that all nodes share. */
export type Clock = {
  /** Ms since some moment, never set back: for how long ago something happened in this process. */
  monotonic(): number
  /** Stands in for the database's clock in tests, in ms since 1970; null: the database's own. */
  database: (() => number) | null
}

/** @param now for tests: both clocks, in ms since 1970 */
export function createClock(now?: () => number): Clock {
  return now ? { monotonic: now, database: now } : { monotonic: () => performance.now(), database: null }
}
