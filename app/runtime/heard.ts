/**
 * Remembers when a shop's storefront was last heard. A busy one sends many times a second, to each process: it is written
 * down once a minute, by whichever comes first.
 */
import type { Pool } from 'pg'
import type { Log } from '../log.ts'
import type { BatchSource } from '../shopify/storefront.ts'

const EVERY_MS = 60_000
const COLUMN: Readonly<Record<BatchSource, string>> = {
  storefront: 'storefront_heard_at',
  pixel: 'pixel_heard_at',
}

/** Never throws and makes nobody wait. @param shop proven, so there are no more of them than shops */
export type Heard = (shop: string, source: BatchSource) => void

/** @param now in milliseconds */
export function createHeard(pool: Pick<Pool, 'query'>, log: Log, now: () => number = Date.now): Heard {
  const written = new Map<string, number>()
  return (shop, source) => {
    const key = `${shop} ${source}`
    const at = now()
    if (at - (written.get(key) ?? -EVERY_MS) < EVERY_MS) return
    written.set(key, at)
    const column = COLUMN[source]
    pool
      .query(
        `update shops set ${column} = now()
         where domain = $1 and (${column} is null or ${column} < now() - interval '1 minute')`,
        [shop],
      )
      .catch(err => {
        written.delete(key)
        log.warn({ err, shop }, 'when the storefront was heard was not noted')
      })
  }
}
