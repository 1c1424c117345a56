/** What a preview reads: with 100,000 shops it takes as long as that. */
import { beforeEach, describe, expect, it } from 'vitest'
import {
  ALL_SHOPS,
  type FleetAsked,
  type FleetFilter,
  HELD_REASONS_OF,
  previewFleet,
  previewStatement,
} from './fleet-filter.ts'
import { holdBySupport } from './holds.ts'
import type { LaneState } from './lane.ts'
import { BY, HOLD, OUTAGE, RELEASE } from './testing-fleet.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops

async function planOf({ text, values }: { text: string; values: unknown[] }): Promise<string> {
  const client = await pool().connect()
  try {
    await client.query('begin; set local enable_seqscan = off; set local enable_bitmapscan = off')
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values)
    return rows.map(row => row['QUERY PLAN']).join('\n')
  } finally {
    await client.query('rollback')
    client.release()
  }
}
const preview = (asked: FleetAsked, filter: Partial<FleetFilter> = {}) =>
  planOf(previewStatement({ ...asked, filter: { ...ALL_SHOPS, ...filter } }))

const stands = (shopId: number, state: LaneState, waiting: number) =>
  pool().query(
    `insert into lane_health (shop_id, vendor, state, waiting, held, delivered, failed, taken_at)
     values ($1, 'tiny', $2, $3, 0, 0, 0, now())`,
    [shopId, state, waiting],
  )
const counted = () =>
  pool().query("insert into rollups (name, seen_until) values ('lane_health', now()) on conflict do nothing")

beforeEach(async () => {
  await connect(shops.one)
  await connect(shops.two)
})

describe.each([HOLD, RELEASE])('the preview of a $kind', asked => {
  it('for all shops reads one index and what is added up, and neither connections nor lanes', async () => {
    const plan = await preview(asked)
    expect(plan).toContain('Index Only Scan using connections_fleet_idx')
    expect(plan).toContain('vendor_health')
    expect(plan).not.toMatch(/on (lane_health|shops)/)
  })

  it.each([
    ['by state', { states: ['failing' as const] }, /on lane_health/, /on (shops|vendor_health)/],
    ['by domain', { shops: 'one' }, /on shops/, /on vendor_health/],
    ['by the reason of a hold', { heldFor: OUTAGE }, /on lane_health/, /on (shops|vendor_health)/],
  ])(
    '%s reads of the tables those that are named, and connections by the index',
    async (_, filter, its, others) => {
      const plan = await preview(asked, filter)
      expect(plan).toMatch(/Index Only Scan using connections_fleet_idx|Index Scan using connections_/)
      expect(plan).toMatch(its)
      expect(plan).not.toMatch(others)
    },
  )
})

it('the reasons of holds are read from an index', async () => {
  const plan = await planOf({ text: HELD_REASONS_OF, values: ['tiny'] })
  expect(plan).toMatch(/using connections_(fleet|held)_idx/)
})

describe('deliveries of all shops', () => {
  it('that would be held are those that wait where support does not hold, and that would go out those of what it holds that a release sends', async () => {
    await holdBySupport(pool(), lane(shops.one), { reason: OUTAGE, until: null }, BY, 'one.myshopify.com')
    await pool().query(
      `insert into vendor_health (vendor, state, shops, waiting, held, held_to_go, delivered, failed)
       values ('tiny', 'held', 1, 2, 50, 30, 0, 0), ('tiny', 'late', 1, 4, 50, 0, 0, 0), ('other', 'ok', 1, 100, 0, 0, 0, 0)`,
    )
    await counted()
    const shopsOf = { shops: 2, toChange: 1, countedAt: expect.any(Date) }
    expect(await previewFleet(pool(), HOLD)).toMatchObject({ ...shopsOf, deliveries: 4 })
    expect(await previewFleet(pool(), RELEASE)).toMatchObject({ ...shopsOf, deliveries: 30 })
  })

  it('are none, not uncounted, where no shop would be changed', async () => {
    await counted()
    await stands(shops.one, 'ok', 3)
    const none = { toChange: 0, deliveries: 0 }
    expect(await previewFleet(pool(), RELEASE)).toMatchObject({ shops: 2, ...none })
    const filter = { ...ALL_SHOPS, states: ['ok' as const] }
    expect(await previewFleet(pool(), { ...RELEASE, filter })).toMatchObject({ shops: 1, ...none })
  })
})

it('what is written in a domain’s filter stands for itself', async () => {
  const shopsWith = async (text: string) =>
    (await previewFleet(pool(), { ...HOLD, filter: { ...ALL_SHOPS, shops: text } })).shops
  expect(await shopsWith('ne.my')).toBe(1)
  for (const text of ['o%e', '_ne', '\\']) expect(await shopsWith(text)).toBe(0)
})

it('of a hold whose time has come nothing stands', async () => {
  await holdBySupport(pool(), lane(), { reason: OUTAGE, until: null }, BY, 'one.myshopify.com')
  await pool().query(
    "update connections set hold_until = now() - interval '1 second' where hold_reason is not null",
  )
  expect(await previewFleet(pool(), HOLD)).toMatchObject({ shops: 2, toChange: 2 })
  expect(await previewFleet(pool(), RELEASE)).toMatchObject({ shops: 2, toChange: 0 })
})
