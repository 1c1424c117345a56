/** The clock of this process, stopped at times of a story: what is made of it looks the same whenever it is made. */

export type StoppedClock = {
  /** @param time ISO 8601 */
  set(time: string): void
  now(): Date
  /** Lets it be the computer's again. */
  release(): void
}

/** `Date` stands still from now on; timers run, and so does the database's own clock. */
export function stopClock(time: string): StoppedClock {
  const real = globalThis.Date
  let at = real.parse(time)
  globalThis.Date = new Proxy(real, {
    construct: (target, given) => Reflect.construct(target, given.length > 0 ? given : [at]),
    get: (target, name) => (name === 'now' ? () => at : Reflect.get(target, name)),
  })
  return {
    set(next) {
      at = real.parse(next)
    },
    now: () => new real(at),
    release() {
      globalThis.Date = real
    },
  }
}
