/**
 * The shops' pixel keys in memory, so that a batch costs no look into the database. However many wrong keys and unknown shops
 * come, there is one query at a time, for all that came meanwhile.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Pool } from 'pg'
import { createGroups } from '../delivery/group.ts'
import { type PixelKey, readPixelKeys } from '../shopify/pixel-key.ts'

/** Some 300 bytes each. */
const KEPT = 20_000
/** What is known counts for so long: then a rotated key is refused, and a new shop's or a new key is known. */
const FRESH_MS = 60_000
/** A key or a page that is not as known may be newer; looked for again after so long. */
const DOUBTED_MS = 5_000
/** Domains in one query. */
const TOGETHER = 500
/** As long as acceptances wait. */
const PATIENCE_MS = 4_000

export type PixelKeys = {
  /**
   * @param domain a valid "name.myshopify.com"
   * @param host of the page that sends; null: not said
   * @returns what there is of the shop, as new as is needed to judge the key and the page; null: no such shop
   * @throws when the database has to be asked and does not answer
   */
  of(domain: string, key: string, host?: string | null): Promise<PixelKey | null>
}

type Known = { found: PixelKey | null; at: number }

/** @param now ms, by a clock that runs on */
export function createPixelKeys(pool: Pool, now = () => performance.now()): PixelKeys {
  // Apart, so that domains made up by somebody do not push out those of shops.
  const shops = new Map<string, Known>()
  const strangers = new Map<string, Known>()
  const look = createGroups<string, PixelKey | null>({
    max: TOGETHER,
    parallel: 1,
    patienceMs: PATIENCE_MS,
    takesApart: () => false,
    async run(domains) {
      const found = await readPixelKeys(pool, [...new Set(domains)])
      return domains.map(domain => found.get(domain) ?? null)
    },
  })

  return {
    async of(domain, key, host = null) {
      const known = shops.get(domain) ?? strangers.get(domain)
      const isAsKnown = known?.found && isKeyOf(known.found, key) && isPageOf(known.found, host)
      const patience = isAsKnown ? FRESH_MS : DOUBTED_MS
      if (known && now() - known.at < patience) return known.found
      const found = await look(domain)
      const [kept, other] = found ? [shops, strangers] : [strangers, shops]
      other.delete(domain)
      remember(kept, domain, { found, at: now() })
      return found
    },
  }
}

/** Whether it is the shop's key or the one before, in the same time wherever they differ. */
export function isKeyOf({ key, before }: PixelKey, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return [key, ...(before === null ? [] : [before])].some(each =>
    timingSafeEqual(digest(each), digest(given)),
  )
}

/** @param host of the page that sends; null: not said */
export function isPageOf({ hosts }: PixelKey, host: string | null): boolean {
  return host === null || hosts === null || hosts.includes(host)
}

/** The oldest goes first: a Map keeps the order of insertion. */
function remember(known: Map<string, Known>, domain: string, one: Known): void {
  known.delete(domain)
  const [oldest] = known.keys()
  if (known.size >= KEPT && oldest !== undefined) known.delete(oldest)
  known.set(domain, one)
}
