/** The stand-in vendors in a process of their own, and what a benchmark wants to know of them. */
import { setTimeout as delay } from 'node:timers/promises'
import { VENDORS, type VendorName } from '../../sandbox/vendors/contract.ts'
import type { FaultInput } from '../../sandbox/vendors/faults.ts'
import { startVendors } from '../../sandbox/vendors/server.ts'
import { KEYS } from '../../sandbox/vendors/testing.ts'
import { serve } from '../support/rpc.ts'

export type Sendable = { method: string; path: string; headers: Record<string, string>; body: string }
/** An order's number as its vendor saw it, and when, in milliseconds since 1970. */
export type Arrival = { order: string; at: number }

const POLL_MS = 5
const CREDENTIALS = { ...KEYS, voucherify: KEYS.server }
const ORDER = /\b5\d{12}\b/

const sandbox = await startVendors({ limits: process.env.BENCH_LIMITS ? {} : false })
const seen = { ecomail: 0, topmail: 0, alana: 0, voucherify: 0 }

const handlers = {
  urls: () => Object.fromEntries(VENDORS.map(vendor => [vendor, sandbox.urls[vendor]])),
  counts: (vendor: VendorName) => sandbox.counts(vendor),
  /**
   * Waits until the vendor has stored so many events, orders or contacts.
   * @param from how many of them are left out of the time, while the sender warms up
   * @returns milliseconds from the arrival of the first that counts to that of the last, to within 5, and how many counted
   */
  async until({
    vendor,
    taken,
    from,
    seconds,
  }: {
    vendor: VendorName
    taken: number
    from: number
    seconds: number
  }): Promise<{ ms: number; counted: number }> {
    const deadline = performance.now() + seconds * 1000
    let first: { at: number; taken: number } | null = null
    for (;;) {
      const counts = sandbox.counts(vendor)
      const now = performance.now()
      if (counts.taken > from) first ??= { at: now, taken: counts.taken }
      if (first && counts.taken >= taken) return { ms: now - first.at, counted: counts.taken - first.taken }
      if (now > deadline)
        throw new Error(`${vendor} has ${JSON.stringify(counts)} and not ${taken} after ${seconds} s`)
      await delay(POLL_MS)
    }
  },
  /** The requests that the inbox still holds, as they can be sent again. */
  requests: (vendor: VendorName): Sendable[] =>
    sandbox.inbox(vendor).map(({ method, path, headers, body }) => ({
      method,
      path,
      headers: {
        'content-type': 'application/json',
        ...(headers['idempotency-key'] && { 'idempotency-key': headers['idempotency-key'] }),
        ...CREDENTIALS[vendor],
      },
      body: JSON.stringify(body),
    })),
  /** Orders that arrived since the last call. */
  arrivals(vendor: VendorName): Arrival[] {
    const entries = sandbox.inbox(vendor, seen[vendor])
    seen[vendor] = entries.at(-1)?.seq ?? seen[vendor]
    return entries.map(({ at, path, body }) => ({
      order: ORDER.exec(path + JSON.stringify(body))?.[0] ?? '',
      at: Date.parse(at),
    }))
  },
  fail: ({ vendor, fault }: { vendor: VendorName; fault: FaultInput }) => sandbox.fail(vendor, fault),
  contacts: (emails: string[]) => sandbox.addContacts('topmail', emails),
  reset: () => sandbox.reset(),
}
export type StandIns = typeof handlers

serve(handlers, () => sandbox.close())
