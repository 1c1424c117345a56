/** What the support console's page of all shops reads, and what keeps its figures, with very many shops. */
import type { Pool } from 'pg'
import { openDatabase } from '../../app/db/database.ts'
import { takeLaneHealth } from '../../app/insights/lane-health.ts'
import { findShops } from '../../app/insights/shop-search.ts'
import { SHOP_SORTS, type ShopFilter, type ShopPlace, shopsPage } from '../../app/insights/support-shops.ts'
import { fleetOf } from '../../app/insights/vendor-fleet.ts'
import type { Bench, Figure, Suite } from '../support/bench.ts'
import { COMMON_ORDER, fillManyShops, ownOrder } from '../support/many-shops.ts'
import { summarise } from '../support/percentiles.ts'

const VENDORS = ['ecomail', 'topmail']
const AIM = { most: 100 }
/** Of a list with a page in the middle, how many pages are turned to it. */
const DEEP = 40
/** As long as a round is from the next: what takes longer would never rest. */
const ROUND_MS = 30_000

export const shops: Suite = {
  id: 'shops',
  about: "the console's list of all shops, its searches, and keeping how each lane stands",
  async run(bench) {
    const count = bench.quick ? 1_000 : 100_000
    const open = bench.quick ? 2_000 : 200_000
    const url = await bench.postgres.database('shops')
    const started = Date.now()
    await fillManyShops(url, { shops: count, vendors: VENDORS, open })
    bench.say(`${count} shops inserted in ${((Date.now() - started) / 1000).toFixed(0)} s`)
    const database = openDatabase(url)
    try {
      const { pool } = database
      const kept = await measureKeeping(bench, pool, count)
      await pool.query('vacuum analyze lane_health')
      const read = [...(await measureLists(bench, pool)), ...(await measureSearches(bench, pool, count))]
      const fleet = await p95(bench, () => fleetOf(pool))
      return {
        figures: [
          ...kept,
          ...read,
          { name: 'each vendor over all shops: p95', value: fleet, unit: 'ms', aim: AIM },
        ],
        notes: [`${count} shops with ${VENDORS.length} tools each, ${open} open deliveries`],
      }
    } finally {
      await database.close()
    }
  },
}

async function p95(bench: Bench, read: (round: number) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = -3; round < (bench.quick ? 3 : 100); round++) {
    const started = performance.now()
    await read(round + 3)
    if (round >= 0) times.push(performance.now() - started)
  }
  return summarise(times).p95
}

/** @returns milliseconds, and how many lanes were looked at */
async function timed(pool: Pool, againSeconds: number): Promise<{ ms: number; lanes: number }> {
  const started = performance.now()
  const lanes = await takeLaneHealth(pool, { lateAfterMinutes: 60, mostMs: 600_000, againSeconds })
  return { ms: performance.now() - started, lanes }
}

async function measureKeeping(bench: Bench, pool: Pool, count: number): Promise<Figure[]> {
  const first = await timed(pool, 3600)
  bench.say(`${first.lanes} lanes looked at in ${(first.ms / 1000).toFixed(1)} s`)
  const idle = await timed(pool, 3600)
  await pool.query(
    'insert into lane_health_due (shop_id, vendor) select shop_id, vendor from connections where shop_id <= $1',
    [Math.ceil(count / 200)],
  )
  const some = await timed(pool, 3600)
  const waiting = await timed(pool, 0)
  return [
    { name: 'every lane for the first time', value: first.ms, unit: 'ms' },
    { name: 'a round with nothing to do', value: idle.ms, unit: 'ms' },
    { name: `a round after a change in ${some.lanes} lanes`, value: some.ms, unit: 'ms' },
    {
      name: `again the ${waiting.lanes} lanes with something open`,
      value: waiting.ms,
      unit: 'ms',
      aim: { most: 4 * ROUND_MS },
    },
    { name: 'a lane', value: waiting.ms / waiting.lanes, unit: 'ms' },
  ]
}

async function measureLists(bench: Bench, pool: Pool): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const sort of SHOP_SORTS)
    for (const asked of [
      {},
      { vendor: 'topmail' },
      { state: 'attention' },
      { vendor: 'topmail', state: 'failing' },
    ] as const) {
      const filter: ShopFilter = { sort, ...asked }
      const name = ['list by', sort, ...Object.values(asked)].join(' ')
      const value = await p95(bench, () => shopsPage(pool, filter, null))
      figures.push({ name: `${name}: p95`, value, unit: 'ms', aim: AIM })
    }
  for (const sort of SHOP_SORTS) {
    const place = await placeAfter(pool, { sort }, DEEP)
    const value = await p95(bench, () => shopsPage(pool, { sort }, place))
    figures.push({ name: `list by ${sort} after ${DEEP} pages: p95`, value, unit: 'ms', aim: AIM })
  }
  return figures
}

async function placeAfter(pool: Pool, filter: ShopFilter, pages: number): Promise<ShopPlace | null> {
  let place: ShopPlace | null = null
  for (let page = 0; page < pages; page++) {
    const { next }: { next: ShopPlace | null } = await shopsPage(pool, filter, place)
    if (next === null) return place
    place = next
  }
  return place
}

async function measureSearches(bench: Bench, pool: Pool, count: number): Promise<Figure[]> {
  const { rows } = await pool.query<{ domain: string }>('select domain from shops order by id desc limit 200')
  const domains = rows.map(({ domain }) => domain)
  const searches: Record<string, (round: number) => string> = {
    'a whole domain': round => domains[round % domains.length] ?? '',
    'the beginning of a domain': round => domains[round % domains.length]?.slice(0, 5) ?? '',
    'the middle of a name': round => domains[round % domains.length]?.slice(4, 8) ?? '',
    'two letters': round => domains[round % domains.length]?.slice(0, 2) ?? '',
    'a word in every name': () => 'store',
    'nothing there': round => `nowhere ${round}`,
    'an order of one shop': round => ownOrder(1 + ((round * 997) % count)),
    'an order of every shop': () => COMMON_ORDER,
  }
  const figures: Figure[] = []
  for (const [name, text] of Object.entries(searches)) {
    const value = await p95(bench, async round => {
      const { ids } = await findShops(pool, text(round))
      return shopsPage(pool, { sort: 'worst', among: ids }, null)
    })
    figures.push({ name: `search for ${name}: p95`, value, unit: 'ms', aim: AIM })
  }
  return figures
}
