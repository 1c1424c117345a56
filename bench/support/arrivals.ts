/** Times of single orders: when they were acknowledged, and when their vendor got them. */
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import type { VendorName } from '../../sandbox/vendors/contract.ts'
import type { StandIns } from '../children/vendors.ts'
import type { Child } from './child.ts'
import type { Prepared } from './requests.ts'

const POLL_MS = 5
const PATIENCE_MS = 60_000

/** Sends a webhook. @returns when its 200 came, in milliseconds since 1970. @throws when it was not accepted */
export async function acknowledge(url: string, { path, headers, body }: Prepared): Promise<number> {
  const answer = await request(`${url}${path}`, { method: 'POST', headers, body })
  const at = Date.now()
  await answer.body.dump()
  if (answer.statusCode !== 200) throw new Error(`the order was answered with ${answer.statusCode}`)
  return at
}

/** Waits for the next order. @returns when the vendor got it, in milliseconds since 1970 */
export async function waitForOrder(standIns: Child<StandIns>, vendor: VendorName): Promise<number> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const [arrival] = await standIns.call('arrivals', vendor)
    if (arrival) return arrival.at
    await delay(POLL_MS)
  }
  throw new Error(`${vendor} got no order within ${PATIENCE_MS / 1000} s`)
}
