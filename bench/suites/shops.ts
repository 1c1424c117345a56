/** What the support console's pages of all shops and of the fleet read, and what keeps their figures, with very many shops. */
import type { Pool } from 'pg'
import { openDatabase } from '../../app/db/database.ts'
import { vendorById } from '../../app/delivery/connections.ts'
import { fleetActions } from '../../app/delivery/fleet.ts'
import {
  ALL_SHOPS,
  FLEET_KINDS,
  type FleetFilter,
  heldReasons,
  previewFleet,
} from '../../app/delivery/fleet-filter.ts'
import { takeLaneHealth } from '../../app/insights/lane-health.ts'
import { SHOP_SORTS } from '../../app/insights/shop-sorts.ts'
import { type ShopFilter, type ShopPlace, shopsPage } from '../../app/insights/support-shops.ts'
import { fleetOf } from '../../app/insights/vendor-fleet.ts'
import type { Staff } from '../../app/runtime/support.ts'
import { createSupportShops } from '../../app/runtime/support-shops.ts'
import { vendorPage } from '../../app/runtime/support-vendor.ts'
import type { Actor } from '../../app/support/audit.ts'
import type { Bench, Figure, Suite } from '../support/bench.ts'
import { COMMON_ORDER, fillManyShops, holdMany, ownOrder } from '../support/many-shops.ts'
import { summarise } from '../support/percentiles.ts'

const VENDORS = ['ecomail', 'topmail']
/** The one that the fleet's pages ask for. */
const VENDOR = 'ecomail'
const OUTAGE = 'Their servers are down.'
const BY: Actor = { actor: 'bench', role: 'viewer', address: null }
const STAFF: Staff = { id: 1, email: 'bench@example.com', role: 'viewer', by: BY, session: 'bench' }
const AIM = { most: 100 }
/** Of a list with a page in the middle, how many pages are turned to it. */
const DEEP = 40
/** As long as a round is from the next: what takes longer would never rest. */
const ROUND_MS = 30_000
/** What these lanes are given is no sealed text. */
const opens = () => true

export const shops: Suite = {
  id: 'shops',
  about:
    "the console's list of all shops, its searches, the fleet's page and its previews, and keeping how each lane stands",
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
      const free = await measureFleet(bench, pool, 'none held')
      await holdMany(url, VENDOR, OUTAGE)
      const all = { opens, lateAfterMinutes: 60, mostMs: 600_000, againSeconds: 3600 }
      await takeLaneHealth(pool, all)
      const held = await measureFleet(bench, pool, 'all held')
      // As it is between two looks of autovacuum: an index alone does not say any more what is so.
      await pool.query('update connections set turn = turn + 1')
      const drained = await measureFleet(bench, pool, 'all held, each lane just drained')
      return {
        figures: [...kept, ...read, ...free, ...held, ...drained],
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
  const lanes = await takeLaneHealth(pool, { opens, lateAfterMinutes: 60, mostMs: 600_000, againSeconds })
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

/** All at once, as the page does (app/routes/support.fleet._index.tsx). */
function fleetPage(pool: Pool): Promise<unknown> {
  const asked = { kind: 'hold', vendor: VENDOR, filter: ALL_SHOPS } as const
  return Promise.all([
    fleetOf(pool),
    fleetActions(pool, 50),
    previewFleet(pool, asked),
    heldReasons(pool, VENDOR),
  ])
}

/** What the fleet's page asks for, of a vendor that is held for as many shops as `which` says. */
async function measureFleet(bench: Bench, pool: Pool, which: string): Promise<Figure[]> {
  const filters: Record<string, Partial<FleetFilter>> = {
    'all shops': {},
    'a state that few are in': { states: ['attention'] },
    'all states but one': { states: ['ok', 'held', 'late', 'failing', 'attention'] },
    'a part of some domains': { shops: 'a1b2' },
    'a letter of many domains': { shops: 'a' },
    'the reason of a hold': { heldFor: OUTAGE },
  }
  const figures: Figure[] = []
  const figure = async (name: string, read: () => Promise<unknown>) => {
    figures.push({ name: `${name}, ${which}: p95`, value: await p95(bench, read), unit: 'ms', aim: AIM })
  }
  await figure('each vendor over all shops', () => fleetOf(pool))
  await figure('the latest actions', () => fleetActions(pool, 50))
  await figure('reasons of holds', () => heldReasons(pool, VENDOR))
  await figure("the fleet's page with the preview of a hold", () => fleetPage(pool))
  await figure("one vendor's page", () => vendorPage(pool, vendorById(VENDOR)))
  for (const kind of FLEET_KINDS)
    for (const [name, filter] of Object.entries(filters)) {
      const asked = { kind, vendor: VENDOR, filter: { ...ALL_SHOPS, ...filter } }
      await figure(`preview of a ${kind} by ${name}`, () => previewFleet(pool, asked))
    }
  return figures
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
    'a vendor': () => 'Topmail',
  }
  const { page } = createSupportShops({ pool })
  const figures: Figure[] = []
  for (const [name, text] of Object.entries(searches)) {
    const value = await p95(bench, round => page(STAFF, { sort: 'worst', text: text(round) }, null))
    figures.push({ name: `search for ${name}: p95`, value, unit: 'ms', aim: AIM })
  }
  return figures
}
