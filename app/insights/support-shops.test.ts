import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { LANE_STATES, type LaneState } from '../delivery/lane.ts'
import { columnOf, SHOP_SORTS } from './shop-sorts.ts'
import { laneStatement, PAGE, type ShopFilter, type ShopPlace, shopsPage } from './support-shops.ts'
import { addUpFleet, fleetOf } from './vendor-fleet.ts'

let test: TestDatabase
const pool = () => test.database.pool
const VENDORS = ['alana', 'ecomail', 'gone', 'topmail']
const SHOPS = 170

type Lane = {
  vendor: string
  state: LaneState
  waiting: number
  oldest: number | null
  delivered: number
  failed: number
}
type Shop = { id: number; domain: string; lanes: Lane[] }
let shops: Shop[]

const lanes = fc.uniqueArray(
  fc.record({
    vendor: fc.constantFrom(...VENDORS),
    state: fc.constantFrom(...LANE_STATES),
    waiting: fc.nat(3),
    oldest: fc.option(fc.nat(3)),
    delivered: fc.nat(3),
    failed: fc.nat(3),
  }),
  { selector: lane => lane.vendor, maxLength: 4 },
)

beforeAll(async () => {
  test = await testDatabase()
  const given = fc.sample(lanes, { numRuns: SHOPS, seed: 20 })
  shops = given.map((own, n) => ({ id: n + 1, domain: `shop-${(n * 67) % SHOPS}.myshopify.com`, lanes: own }))
  const rows = shops.flatMap(({ id, lanes: own }) => own.map(lane => ({ ...lane, id })))
  await pool().query('insert into shops (id, domain) select * from unnest($1::int[], $2::text[])', [
    shops.map(({ id }) => id),
    shops.map(({ domain }) => domain),
  ])
  await pool().query(
    `with given as (
       select * from jsonb_to_recordset($1) as r(id int, vendor text, state text, waiting int, oldest int, delivered int, failed int)),
     connected as (
       insert into connections (shop_id, vendor, settings, secrets, updated_at) select id, vendor, '{}', 'x', now() from given)
     insert into lane_health (shop_id, vendor, state, waiting, held, oldest_waiting, oldest_held, delivered, failed, taken_at)
     select id, vendor, state, waiting, waiting * 2, to_timestamp(oldest), to_timestamp(oldest + 60), delivered, failed, now() from given`,
    [JSON.stringify(rows)],
  )
  await addUpFleet(pool())
})
afterAll(() => test.drop())

/** All pages, one after the other. */
async function allOf(filter: ShopFilter, few?: number): Promise<number[]> {
  const ids: number[] = []
  let place: ShopPlace | null = null
  do {
    const { lines, next } = await shopsPage(pool(), filter, place, few)
    expect(lines.length).toBeLessThanOrEqual(PAGE)
    ids.push(...lines.map(({ id }) => id))
    place = next
  } while (place !== null)
  return ids
}

/** By which a lane comes before another. */
const KEYS: Record<Exclude<ReturnType<typeof columnOf>['column'], 'domain'>, (lane: Lane) => number[]> = {
  worst: lane => [-LANE_STATES.indexOf(lane.state), -lane.waiting],
  waiting: lane => [-lane.waiting],
  oldest: lane => [lane.oldest ?? Number.POSITIVE_INFINITY],
  held: lane => [-lane.waiting * 2],
  oldestHeld: lane => [lane.oldest === null ? Number.POSITIVE_INFINITY : lane.oldest + 9],
  delivered: lane => [-lane.delivered],
  failed: lane => [-lane.failed],
}
const compare = (a: number[], b: number[]) => {
  const place = a.findIndex((value, i) => value !== b[i])
  return place === -1 ? 0 : (a[place] ?? 0) < (b[place] ?? 0) ? -1 : 1
}

/** The same without pages. */
function expected({ sort, vendor, state, among }: ShopFilter): number[] {
  const fits = (lane: Lane) => (!vendor || lane.vendor === vendor) && (!state || lane.state === state)
  const chosen = shops.filter(
    ({ id, lanes: own }) => (!among || among.includes(id)) && (own.some(fits) || (!vendor && !state)),
  )
  const { column, back } = columnOf(sort)
  const turn = back ? -1 : 1
  if (column === 'domain')
    return chosen.sort((a, b) => (a.domain < b.domain ? -turn : turn)).map(({ id }) => id)
  const placed = chosen.map(({ id, lanes: own }) => {
    const keys = own.filter(fits).map(lane => KEYS[column](lane).map(key => key * turn))
    const [first] = keys.sort(compare)
    // Those without any vendor come last, and always the same way.
    return { id, key: first ? [0, ...first, id * turn] : [1, id] }
  })
  return placed.sort((a, b) => compare(a.key, b.key)).map(({ id }) => id)
}

describe.each(SHOP_SORTS)('shops by %s', sort => {
  const filters = [undefined, ...VENDORS].flatMap(vendor =>
    [undefined, ...LANE_STATES].map(state => ({ vendor, state })),
  )
  it('are each listed once and in order, whatever is asked for', async () => {
    for (const filter of filters)
      expect([filter, await allOf({ ...filter, sort })]).toEqual([filter, expected({ ...filter, sort })])
  })

  it('are those among which is looked', async () => {
    for (const among of [[], [3, 5, 8, 13, 999], shops.map(({ id }) => id).filter(id => id % 2 === 0)])
      for (const filter of filters.slice(0, 9))
        expect([filter, await allOf({ ...filter, sort, among })]).toEqual([
          filter,
          expected({ ...filter, sort, among }),
        ])
  })
})

describe('shops by domain of which more than a few stand so', () => {
  it.each([15, 60])('are each listed once and in order, %i looked through for a page', async few => {
    for (const sort of ['domain', '-domain'] as const)
      for (const filter of [{ vendor: 'alana' }, { state: 'held' }, { vendor: 'gone', state: 'ok' }] as const)
        expect(await allOf({ ...filter, sort }, few)).toEqual(expected({ ...filter, sort }))
  })
})

describe('a line', () => {
  it('tells what is known of the shop and of each of its vendors', async () => {
    const shop = shops.find(({ lanes: own }) => own.length === 2)
    const { lines } = await shopsPage(pool(), { sort: 'domain', among: [shop?.id ?? 0] }, null)
    expect(lines).toEqual([
      {
        ...{ id: shop?.id, domain: shop?.domain, name: null, removed: false },
        lanes: shop?.lanes
          .toSorted((a, b) => (a.vendor < b.vendor ? -1 : 1))
          .map(({ oldest, ...lane }) => ({
            ...{ ...lane, held: lane.waiting * 2 },
            oldestWaiting: oldest === null ? null : new Date(oldest * 1000),
            oldestHeld: oldest === null ? null : new Date((oldest + 60) * 1000),
          })),
      },
    ])
  })

  it('is not lost where its place is', async () => {
    const { lines } = await shopsPage(pool(), { sort: 'worst' }, { rank: 99, key: '0', shopId: 0 })
    expect(lines).toHaveLength(PAGE)
  })
})

describe('a look', () => {
  it.each(SHOP_SORTS.filter(sort => columnOf(sort).column !== 'domain'))(
    'by %s sorts no more than it takes',
    async sort => {
      const { text, values } = laneStatement({ sort }, null)
      const client = await pool().connect()
      try {
        await client.query('begin; set local enable_seqscan = off; set local enable_bitmapscan = off')
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values)
        const plan = rows.map(row => row['QUERY PLAN']).join('\n')
        expect(plan).toMatch(
          /Limit.*\n *-> +Index (Only )?Scan (Backward )?using lane_health_(waiting|failed|oldest|held|oldest_held|delivered)_idx on lane_health h/,
        )
      } finally {
        await client.query('rollback')
        client.release()
      }
    },
  )
})

describe('a vendor over all shops', () => {
  it('counts its shops and what waits in them', async () => {
    const fleet = await fleetOf(pool())
    expect(fleet.map(({ vendor }) => vendor)).toEqual(VENDORS)
    for (const { vendor, ...found } of fleet) {
      const own = shops.flatMap(shop => shop.lanes.filter(lane => lane.vendor === vendor))
      const inState = (state: LaneState) => own.filter(lane => lane.state === state).length
      const oldest = own.flatMap(lane => lane.oldest ?? [])
      expect(found).toEqual({
        shops: own.length,
        states: Object.fromEntries(LANE_STATES.map(state => [state, inState(state)])),
        on: own.length - inState('off') - inState('held'),
        waiting: own.reduce((sum, lane) => sum + lane.waiting, 0),
        held: own.reduce((sum, lane) => sum + lane.waiting * 2, 0),
        // What the list of the state holds, and no more.
        heldBySupport: own.reduce((sum, lane) => sum + (lane.state === 'held' ? lane.waiting * 2 : 0), 0),
        heldIn: Object.fromEntries(
          LANE_STATES.map(state => [
            state,
            own.reduce((sum, lane) => sum + (lane.state === state ? lane.waiting * 2 : 0), 0),
          ]),
        ),
        delivered: own.reduce((sum, lane) => sum + lane.delivered, 0),
        failed: own.reduce((sum, lane) => sum + lane.failed, 0),
        oldestWaiting: new Date(Math.min(...oldest) * 1000),
        oldestHeld: new Date((Math.min(...oldest) + 60) * 1000),
        ...{ paused: 0, pausedUntil: null, rests: null },
      })
    }
  })

  it('says that it rests for every shop, and why', async () => {
    await pool().query(
      `insert into circuits (key, open_until, rest_ms, opened_at, reason) values
       ('vendor:alana', now() + interval '1 minute', 1, '2026-11-20T10:00:00Z', 'It answers 500.'),
       ('vendor:topmail', now(), 1, now(), 'It is slow.'), ('lane:1:ecomail', now(), 1, now(), 'It refuses.')`,
    )
    const rests = (await fleetOf(pool())).map(vendor => vendor.rests)
    expect(rests).toEqual([
      {
        since: new Date('2026-11-20T10:00:00Z'),
        until: expect.any(Date),
        over: false,
        why: 'It answers 500.',
      },
      null,
      null,
      expect.objectContaining({ over: true, why: 'It is slow.' }),
    ])
  })

  it('has nothing to say where nobody has a vendor', async () => {
    const empty = await testDatabase()
    expect(await fleetOf(empty.database.pool)).toEqual([])
    await empty.drop()
  })
})
