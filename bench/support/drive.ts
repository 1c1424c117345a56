/** Driving a server with orders or storefront batches that are all different. */
import type { Generator } from '../children/generator.ts'
import type { Child } from './child.ts'
import type { LoadResult } from './load.ts'
import { SECRET, shopDomain } from './setup.ts'

export const CONNECTIONS = 32
/** At a fixed rate nobody waits for a free connection: that would be the generator's waiting, not the server's. */
const OPEN_CONNECTIONS = 256
/** More than any of the servers that keep something answers per second on two cores. */
const MOST_PER_SECOND = 4000

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

/** @returns a function that runs one drive. @throws when a request was not answered with success */
export function driver(generator: Child<Generator>): (drive: Drive) => Promise<LoadResult> {
  let from = 0
  return async ({ url, seconds, batch, rate, repeat = false, shop = 0, ...rest }) => {
    const count = rest.count ?? Math.ceil((rate ?? MOST_PER_SECOND) * seconds) + 1
    const what = batch
      ? ({ kind: 'batches', batch, signedIn: false } as const)
      : ({ kind: 'orders' } as const)
    await generator.call('prepare', { ...what, secret: SECRET, shop: shopDomain(shop), from, count })
    from += count
    const result = rate
      ? await generator.call('open', { url, seconds, rate, repeat, connections: OPEN_CONNECTIONS })
      : await generator.call('closed', { url, seconds, repeat, connections: CONNECTIONS })
    if (result.ok < result.sent) throw new Error(`${url} refused requests: ${JSON.stringify(result.others)}`)
    return result
  }
}
