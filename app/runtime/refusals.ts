/**
 * Refused batches in the log: whoever is refused comes again, and a robot with each page. So the first of a shop and a result is
 * told at once, and then how many more there were, once a minute.
 */
import type { Log } from '../log.ts'
import type { BatchSource } from '../shopify/storefront.ts'

const EVERY_MS = 60_000

export type Refusal = {
  /** Proven: there are no more of them than shops. */
  shop: string
  source: BatchSource
  result: 'automated' | 'too_many' | 'other_page'
  /** Of the page that sent it, where that is why. */
  host?: string
}

export type Refusals = {
  /** @returns whether it is the first of its shop and result for a minute */
  note(refusal: Refusal): boolean
}

/** @param everyMs so often at most each shop and result is told of */
export function createRefusals(log: Log, everyMs = EVERY_MS): Refusals {
  const since = new Map<string, number>()

  function tell(refusal: Refusal, batches: number): void {
    log.info({ ...refusal, batches }, 'storefront batches refused')
  }

  function later(key: string, refusal: Refusal): void {
    const timer = setTimeout(() => {
      const batches = since.get(key) ?? 0
      since.delete(key)
      if (batches === 0) return
      tell(refusal, batches)
      since.set(key, 0)
      later(key, refusal)
    }, everyMs)
    timer.unref()
  }

  return {
    note(refusal) {
      const key = `${refusal.shop} ${refusal.source} ${refusal.result}`
      const before = since.get(key)
      since.set(key, before === undefined ? 0 : before + 1)
      if (before !== undefined) return false
      tell(refusal, 1)
      later(key, refusal)
      return true
    },
  }
}
