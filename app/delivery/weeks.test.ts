/** Draining what lies in other weeks than the present one: old partitions, the default one, and across their bounds. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensurePartitions, firstIdOf, WEEK_MS } from '../db/partitions.ts'
import { answer } from '../vendors/testing.ts'
import type { VendorRequest } from '../vendors/vendor.ts'
import { drainLane } from './drain.ts'
import { deliveryOf, drainContext, keepDelivery, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, pool } = shops

const NOW = new Date()
/** In the weeks from three weeks ago, each has a partition; further back there is only the default one. */
const MADE = 3
let sent: VendorRequest[]
const weeksAgo = (weeks: number) => new Date(NOW.getTime() - weeks * WEEK_MS)
const idOf = (weeks: number) => `${firstIdOf(weeksAgo(weeks)).slice(0, 13)}-7000-8000-000000000001`
const keep = (weeks: number) =>
  keepDelivery(
    pool(),
    shops.one,
    {},
    { id: idOf(weeks), source: 'webhook', receivedAt: weeksAgo(weeks).toISOString() },
  )
const partitions = async (table: string) =>
  (
    await pool().query<{ name: string }>(
      `select distinct tableoid::regclass::text as name from ${table} order by 1`,
    )
  ).rows.map(({ name }) => name)

async function drain() {
  const vendor = tinyVendor({
    plan: list => ({
      steps: list.map(({ event }) => {
        const request = {
          method: 'POST' as const,
          url: 'https://api.tiny.example',
          headers: {},
          body: event.id,
        }
        return { name: 'event', deliveries: [event.id], request }
      }),
      skips: [],
    }),
  })
  const sender = {
    close: async () => {},
    async send(request: VendorRequest) {
      sent.push(request)
      return { answer: answer(200) }
    },
  }
  await drainLane(
    drainContext(pool(), [vendor], { sender }),
    { shopId: shops.one, vendor: 'tiny' },
    new AbortController().signal,
  )
}

beforeAll(async () => {
  await ensurePartitions(pool(), NOW, weeksAgo(MADE))
})
beforeEach(async () => {
  sent = []
  await connect()
})

describe('a drain', () => {
  it.each([
    ['an old week', 2],
    ['a week that was never made', 60],
    ['the present week', 0],
  ])('delivers what lies in %s', async (_, weeks) => {
    await keep(weeks)
    await drain()
    expect(await deliveryOf(pool(), shops.one, idOf(weeks))).toMatchObject({
      state: 'delivered',
      attempts: 1,
    })
    expect(sent).toHaveLength(1)
  })

  it('delivers what lies in several weeks, the oldest first, and records each in its own', async () => {
    const weeks = [0, 1, 2, MADE, 10, 60]
    for (const each of weeks) await keep(each)
    expect(await partitions('deliveries')).toHaveLength(MADE + 2)
    expect(await partitions('deliveries')).toContain('deliveries_default')
    await drain()
    expect(sent.map(({ body }) => body)).toEqual(weeks.toReversed().map(idOf))
    const states = await pool().query('select distinct state, attempts from deliveries')
    expect(states.rows).toEqual([{ state: 'delivered', attempts: 1 }])
    expect(await partitions('attempts')).toHaveLength(MADE + 2)
  })

  it('delivers what was moved out of the default partition while it waited', async () => {
    await keep(5)
    expect(await partitions('deliveries')).toEqual(['deliveries_default'])
    await ensurePartitions(pool(), NOW, weeksAgo(5))
    expect(await partitions('deliveries')).not.toContain('deliveries_default')
    await drain()
    expect(await deliveryOf(pool(), shops.one, idOf(5))).toMatchObject({ state: 'delivered' })
  })
})
