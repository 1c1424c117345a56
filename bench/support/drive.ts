/** Driving a server with orders or storefront batches that are all different. */
import type { Generator } from '../children/generator.ts'
import type { Child } from './child.ts'
import type { LoadResult } from './load.ts'
import { SECRET, shopDomain } from './setup.ts'

export const CONNECTIONS = 128
/** At a fixed rate nobody waits for a free connection: that would be the generator's waiting, not the server's. */
const OPEN_CONNECTIONS = 256
/** Made for a server whose rate is not known yet: more than one that keeps something answers on two cores. */
const FIRST_GUESS_PER_SECOND = 4000
/** Made for a server that keeps nothing, in all. */
const REPEATED = 5000

export type Drive = {
  url: string
  seconds: number
  /** Views per storefront batch; unset: orders. */
  batch?: number
  /** Requests per second by the clock; unset: as many as go through. */
  rate?: number
  /** At most so many requests. */
  count?: number
  /** For a server that keeps nothing, and so quick that making its requests would take long: they begin again. */
  repeat?: boolean
  /** The shop's number. */
  shop?: number
}

/**
 * Requests are made before each drive, twice as many as the server answered in its last one; a drive that runs out
 * of them ends earlier, which its rate takes into account.
 * @returns a function that runs one drive. @throws when a request was not answered with success
 */
export function driver(generator: Child<Generator>): (drive: Drive) => Promise<LoadResult> {
  let from = 0
  const rates = new Map<string, number>()
  return async ({ url, seconds, batch, rate, repeat = false, shop = 0, ...rest }) => {
    const what = batch
      ? ({ kind: 'batches', batch, signedIn: false } as const)
      : ({ kind: 'orders' } as const)
    const key = `${url} ${what.kind}`
    const known = rates.get(key)
    const likely = (rate ?? (known ? known * 2 : FIRST_GUESS_PER_SECOND)) * seconds
    const count = rest.count ?? (repeat ? REPEATED : Math.ceil(likely) + 1)
    await generator.call('prepare', { ...what, secret: SECRET, shop: shopDomain(shop), from, count })
    from += count
    const result = rate
      ? await generator.call('open', { url, seconds, rate, repeat, connections: OPEN_CONNECTIONS })
      : await generator.call('closed', { url, seconds, repeat, connections: CONNECTIONS })
    if (result.ok < result.sent) throw new Error(`${url} refused requests: ${JSON.stringify(result.others)}`)
    rates.set(key, result.rate)
    return result
  }
}
