/** What is forgotten of a subject that has long been quiet changes no decision about an event that is kept. */
import { v7 as uuidv7 } from 'uuid'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensurePartitions } from '../db/partitions.ts'
import { forgetMemories } from '../privacy/retention.ts'
import { answer } from '../vendors/testing.ts'
import { drainLane } from './drain.ts'
import { deliveryOf, drainContext, keepDelivery, tinyStep, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, pool } = shops

const DAY_MS = 86_400_000
const DAYS = 90
const NOW = new Date()
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS)
/** Names its states by a subject of its own, as Voucherify does. */
const VENDOR = tinyVendor({
  stateOf: event => event.subject && `own:${event.subject}`,
  plan: deliveries => ({
    steps: deliveries.map(({ event }) => ({
      ...tinyStep(event),
      leaves: { subject: `own:${event.subject}`, version: event.version },
    })),
    skips: [],
  }),
})

beforeAll(async () => {
  await ensurePartitions(pool(), NOW, daysAgo(120))
})
beforeEach(async () => {
  await connect(shops.one, VENDOR)
})

/** A state of one thing, received and last changed so many days ago. */
const state = (received: number, changed: number) =>
  keepDelivery(pool(), shops.one, {}, {
    id: uuidv7({ msecs: daysAgo(received).getTime() }),
    source: 'webhook',
    subject: 'customer:7',
    version: daysAgo(changed).toISOString(),
  } as const)
const drain = () =>
  drainLane(
    drainContext(pool(), [VENDOR], {
      sender: { close: async () => {}, send: async () => ({ answer: answer(200) }) },
    }),
    { shopId: shops.one, vendor: 'tiny' },
    new AbortController().signal,
  )
/** Lets all that was sent have been sent so long ago that it is forgotten if nothing keeps it. */
async function forgetAll() {
  await pool().query('update memories set updated_at = $1', [daysAgo(2_000)])
  return forgetMemories(pool(), NOW, DAYS)
}

describe('an event that is kept', () => {
  it.each([
    ['unchanged', 1_900],
    ['superseded', 1_950],
  ])('is %s as before, though what the vendor has is years old', async (reason, changed) => {
    await state(60, 1_900)
    await drain()
    expect(await forgetAll()).toBe(0)
    const late = await state(30, changed)
    await drain()
    expect(await deliveryOf(pool(), shops.one, late)).toMatchObject({ state: 'skipped', reason })
  })

  it('and no other keeps what the vendor has', async () => {
    await state(60, 1_900)
    await drain()
    await pool().query('truncate events, deliveries, event_keys')
    expect(await forgetAll()).toBe(1)
  })
})
