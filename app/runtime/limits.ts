/**
 * How many storefront events are taken in a minute, by shop, address and visitor: whoever opens a storefront can send
 * anything, as often as they like. And how many calls from an address may turn out to be nobody's before it is not listened to: a
 * budget of its own, which taking events never uses up. Counted in the memory of each process, because asking a database would cost more than taking
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
export type Sender = { shop: string | null; address: string | null; visitor: string | null }

export type Limits = {
  /** Counts the events. @returns 0 when they may be taken, else after how many seconds to come again */
  take(sender: Sender, events: number): Promise<number>
  /** Counts a call that was refused. @returns whether it is the last that is borne in this minute */
  refused(address: string | null): Promise<boolean>
  /** @returns 0 when calls from there may be looked at, else after how many seconds to come again: too many were refused */
  shutFor(address: string | null): Promise<number>
}

/** @param kept keys of one kind at most */
export function createLimits(limits: StorefrontLimits, kept = KEPT): Limits {
  const shops = counter(limits.shop, kept)
  const addresses = counter(limits.address, kept)
  const visitors = counter(limits.visitor, kept)
  const refusals = counter(limits.refusals, kept)
  return {
    async take({ shop, address, visitor }, events) {
      // The narrow ones first: what they refuse takes nothing from others of the shop.
      return (
        (address !== null && (await addresses.take(address, events))) ||
        (visitor !== null && (await visitors.take(`${shop} ${visitor}`, events))) ||
        (shop !== null && (await shops.take(shop, events))) ||
        0
      )
    },
    async refused(address) {
      if (address === null || (await refusals.wait(address)) > 0) return false
      await refusals.take(address, 1)
      return (await refusals.wait(address)) > 0
    },
    shutFor: async address => (address === null ? 0 : refusals.wait(address)),
  }
}

type Counter = {
  /** Counts. @returns 0, or the seconds until the key's window ends when that is more than there may be */
  take(key: string, events: number): Promise<number>
  /** Counts nothing. @returns 0, or the seconds until the key's window ends when there may be no more in it */
  wait(key: string): Promise<number>
}

function counter(points: number, kept: number): Counter {
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

  return {
    async take(key, events) {
      try {
        const { isFirstInDuration } = await limiter.consume(key, events)
        if (isFirstInDuration) remember(key)
        return 0
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        if (refusal.isFirstInDuration) remember(key)
        return secondsOf(refusal)
      }
    },
    async wait(key) {
      const known = await limiter.get(key)
      return known && known.consumedPoints >= points ? secondsOf(known) : 0
    },
  }
}

function secondsOf({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000))
}
