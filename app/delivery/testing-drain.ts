/** For tests of drains: a lane of a tiny vendor, whose requests are noted, and a clock of turns that stands still. */
import { afterEach, beforeEach, vi } from 'vitest'
import { NOBODY } from '../events/store-event.ts'
import { createLog } from '../log.ts'
import { answer } from '../vendors/testing.ts'
import type { Reading, Vendor, VendorRequest } from '../vendors/vendor.ts'
import { type DrainContext, drainLane } from './drain.ts'
import type { Lane } from './lane.ts'
import type { Sender } from './send.ts'
import {
  deliveryOf,
  drainContext,
  eventId,
  keepDelivery,
  type SeededDelivery,
  TINY_SETTINGS,
  type TinySettings,
  tinyVendor,
} from './testing.ts'
import { twoShops } from './testing-shops.ts'

/**
 * Declares the set-up of a test file: call at its top level, and use what it returns inside tests only. The lists are
 * emptied before each test.
 */
export function drainedLane() {
  const sent: VendorRequest[] = []
  const signals: (Date | undefined)[] = []
  const lines: string[] = []
  let ahead: number
  const shops = twoShops()
  const { pool, lane } = shops
  const connect = (settings = TINY_SETTINGS) => shops.connect(shops.one, tinyVendor(), settings)

  afterEach(() => {
    vi.restoreAllMocks()
  })
  beforeEach(async () => {
    await connect()
    for (const list of [sent, signals, lines]) list.length = 0
    ahead = 0
    const start = Math.floor(performance.now())
    vi.spyOn(performance, 'now').mockImplementation(() => start + ahead)
  })

  /** Notes every request, does what is given, and answers 200. */
  const senderOf = (meanwhile: () => Promise<unknown>): Sender => ({
    close: async () => {},
    async send(request) {
      sent.push(request)
      await meanwhile()
      return { answer: answer(200) }
    },
  })

  return {
    sent,
    /** For when the lane was armed; undefined: at once. */
    signals,
    lines,
    pool,
    lane,
    connect,
    senderOf,
    delivery: (n: number) => deliveryOf(pool(), shops.one, eventId(n)),
    /** Each of a person of its own: events of one person go one after another. */
    keep: (n: number, over: SeededDelivery = {}) =>
      keepDelivery(pool(), shops.one, over, {
        id: eventId(n),
        source: 'webhook',
        actor: { ...NOBODY, email: `buyer-${n}@example.com` },
      }),
    /** Drains the lane with a vendor that differs as given; every request is answered 200. */
    async drain(
      over: Partial<Vendor<TinySettings>> = {},
      context: Partial<DrainContext> = {},
      lost: AbortSignal = new AbortController().signal,
    ) {
      const log = createLog('trace', { write: line => void lines.push(line) })
      const engine = { signal: async (_lane: Lane, { at }: { at?: Date } = {}) => void signals.push(at) }
      const given = { sender: senderOf(async () => {}), engine, log, ...context }
      await drainLane(drainContext(pool(), [tinyVendor(over)], given), lane(), lost)
    },
    /** Lets the time of turns pass, which stands still otherwise: nothing else of a drain without limits looks at that clock. */
    pass(ms: number) {
      ahead += ms
    },
  }
}

/** The readings in turn, the last one from then on. */
export function reading(...list: Reading[]): Partial<Vendor<TinySettings>> {
  let n = 0
  return { read: () => list[Math.min(n++, list.length - 1)] ?? { kind: 'delivered' } }
}

export const words = { merchant: 'Tiny said so.', log: 'tiny said so' }
