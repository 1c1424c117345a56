/** Request allowances over a sliding window, and several of them together. */
import type { Clock } from './contract.ts'

/** How many requests in how many milliseconds. */
export type Allowance = { requests: number; windowMs: number }

/** Where a key stands: `freesAt` is when its oldest request leaves the window, in ms since 1970. */
export type Standing = { limit: number; remaining: number; freesAt: number }

/** Counts requests by key over the last `windowMs`. Refused requests are not counted. */
export class SlidingWindow {
  readonly #allowance: Allowance
  readonly #now: Clock
  readonly #requests = new Map<string, number[]>()

  constructor(allowance: Allowance, now: Clock) {
    this.#allowance = allowance
    this.#now = now
  }

  /** Where the key stands now, without spending anything. */
  look(key: string): Standing {
    const now = this.#now()
    const recent = (this.#requests.get(key) ?? []).filter(at => at > now - this.#allowance.windowMs)
    if (recent.length > 0) this.#requests.set(key, recent)
    else this.#requests.delete(key)
    const { requests, windowMs } = this.#allowance
    const freesAt = recent[0] === undefined ? now : recent[0] + windowMs
    return { limit: requests, remaining: Math.max(0, requests - recent.length), freesAt }
  }

  /** Spends one request of the key. */
  spend(key: string): void {
    const spent = this.#requests.get(key)
    if (spent) spent.push(this.#now())
    else this.#requests.set(key, [this.#now()])
  }

  reset(): void {
    this.#requests.clear()
  }
}

/**
 * Spends one request in every window given, or in none when one of them is used up.
 * @returns the standing to announce (of the window with the least left, after this request) and the name of
 *   the window that refused, if one did
 */
export function spendAll<N extends string>(
  uses: readonly { name: N; window: SlidingWindow; key: string }[],
): { standing: Standing; refusedBy?: N } {
  for (const { name, window, key } of uses) {
    const standing = window.look(key)
    if (standing.remaining === 0) return { standing, refusedBy: name }
  }
  for (const { window, key } of uses) window.spend(key)
  const standings = uses.map(({ window, key }) => window.look(key))
  return { standing: standings.reduce((least, one) => (one.remaining < least.remaining ? one : least)) }
}

/** `Retry-After`: whole seconds until `at`, at least one. */
export function secondsUntil(at: number, now: number): string {
  return String(Math.max(1, Math.ceil((at - now) / 1000)))
}
