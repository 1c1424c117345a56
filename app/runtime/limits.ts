/**
 * How many storefront events are taken in a minute, by shop, address and visitor: whoever opens a storefront can send
 * anything, as often as they like. Counted in the memory of each process, because asking a database would cost more than taking
 * the event does.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { StorefrontLimits } from '../config-storefront.ts'

const WINDOW_SECONDS = 60
/**
 * The library keeps each key, with a timer, until its window ends: some 500 bytes. With more keys than this the oldest are
 * forgotten, and may begin anew, so that millions of visitors, or somebody who makes them up, cost no more than 30 MB.
 */
const KEPT = 50_000

/** Whose events they are. Null: not known, and not counted. */
export type Sender = { shop: string; address: string | null; visitor: string | null }

export type Limits = {
  /** Counts the events. @returns 0 when they may be taken, else after how many seconds to come again */
  take(sender: Sender, events: number): Promise<number>
}

/** @param kept keys of one kind at most */
export function createLimits(limits: StorefrontLimits, kept = KEPT): Limits {
  const shops = counter(limits.shop, kept)
  const addresses = counter(limits.address, kept)
  const visitors = counter(limits.visitor, kept)
  return {
    async take({ shop, address, visitor }, events) {
      // The narrow ones first: what they refuse takes nothing from others of the shop.
      return (
        (address !== null && (await addresses(address, events))) ||
        (visitor !== null && (await visitors(`${shop} ${visitor}`, events))) ||
        (await shops(shop, events))
      )
    },
  }
}

/** @returns counts; resolves to 0, or to the seconds until the key's window ends */
function counter(points: number, kept: number): (key: string, events: number) => Promise<number> {
  const limiter = new RateLimiterMemory({ points, duration: WINDOW_SECONDS, keyPrefix: '' })
  // Two halves, of which the older goes at once: looking for one that is oldest takes longer the more were removed before it.
  let newer = new Set<string>()
  let older = new Set<string>()

  function remember(key: string): void {
    newer.add(key)
    if (newer.size <= kept / 2) return
    for (const each of older) if (!newer.has(each)) limiter.delete(each)
    older = newer
    newer = new Set()
  }

  return async (key, events) => {
    try {
      const { isFirstInDuration } = await limiter.consume(key, events)
      if (isFirstInDuration) remember(key)
      return 0
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      if (refusal.isFirstInDuration) remember(key)
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
    }
  }
}
