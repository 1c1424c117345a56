/**
 * Lists of all shops with how each vendor stands in them, by pages, each from a place on: never by counting or skipping rows. A shop
 * stands where the first of its lanes stands that fits what is asked for.
 */
import type { Pool } from 'pg'
import { LANE_STATES, type LaneState } from '../delivery/lane.ts'
import { columnOf, laneOrder, type ShopSort } from './shop-sorts.ts'

export type ShopFilter = {
  sort: ShopSort
  vendor?: string | undefined
  state?: LaneState | undefined
  /** Only these. */
  among?: readonly number[] | undefined
}
/**
 * After which shop a page begins. `rank`: of the state where that is the order, else 0; `NO_LANES` among shops without any vendor, which
 * come last. `key`: what is sorted by.
 */
export type ShopPlace = { rank: number; key: string; shopId: number }

export type LaneHealth = {
  vendor: string
  state: LaneState
  waiting: number
  held: number
  /** When the oldest that is to be sent was accepted: a release or a replay leaves that as it is. */
  oldestWaiting: Date | null
  /** The same of what is held. */
  oldestHeld: Date | null
  /** Of events received yesterday and today, days of the shop. */
  delivered: number
  failed: number
}
export type ShopLine = {
  id: number
  domain: string
  name: string | null
  /** The app was removed from it. */
  removed: boolean
  /** All of its vendors that were looked at yet. */
  lanes: LaneHealth[]
}
/** `next` null: there are no more. A page may hold fewer than it could where there are more. */
export type ShopPage = { lines: ShopLine[]; next: ShopPlace | null }

export const PAGE = 50
/** Lanes of one look, and looks for one page. */
const LOOK = 150
const MOST_LOOKS = 5
/** By domain: so many shops are put in order where no more fit, and else so many are looked through for a page. */
const FEW = 5_000
export const NO_LANES = -1

/** @param place null: from the first. @param few for tests: by domain, how many shops are few */
export async function shopsPage(
  pool: Pool,
  filter: ShopFilter,
  place: ShopPlace | null,
  few = FEW,
): Promise<ShopPage> {
  const { places, next } =
    columnOf(filter.sort).column === 'domain'
      ? await byDomain(pool, filter, place, few)
      : await byLanes(pool, filter, place)
  const lines = await linesOf(
    pool,
    places.map(({ shopId }) => shopId),
  )
  return { lines, next }
}

type Found = { places: ShopPlace[]; next: ShopPlace | null }

/** One more than a page says that there is another. */
function pageOf(places: ShopPlace[], gaveUpAt: ShopPlace | null = null): Found {
  const page = places.slice(0, PAGE)
  return { places: page, next: places.length > PAGE ? (page.at(-1) ?? null) : gaveUpAt }
}

async function byDomain(
  pool: Pool,
  filter: ShopFilter,
  place: ShopPlace | null,
  few: number,
): Promise<Found> {
  const { vendor, state, among } = filter
  const from: DomainPlace = { back: columnOf(filter.sort).back, after: place?.key ?? null }
  if (vendor === undefined && state === undefined) {
    const { rows } = await pool.query<ShopPlace>(
      `select 0 as rank, s.domain as key, s.id as "shopId" from shops s
       where ${beyond(from, '$1')} and ${among ? 's.id = any($2::int[])' : '$2::int[] is null'}
       order by ${byDomainOf(from)} limit ${PAGE + 1}`,
      [from.after, among ?? null],
    )
    return pageOf(rows)
  }
  const vendors = vendor === undefined ? await vendorsOf(pool) : [vendor]
  const states = state === undefined ? LANE_STATES : [state]
  const ids = among ?? (await fewWith(pool, vendors, states, few))
  return ids ? ofThese(pool, ids, vendors, states, from) : walked(pool, vendors, states, from, few)
}

/** After which domain a page begins, null: from the first. `back`: against the alphabet. */
type DomainPlace = { back: boolean; after: string | null }

const beyond = ({ back, after }: DomainPlace, value: string) =>
  after === null ? `${value}::text is null` : `s.domain ${back ? '<' : '>'} ${value}`
const byDomainOf = ({ back }: DomainPlace) => (back ? 's.domain desc' : 's.domain')

/** Shops with a lane of these vendors in one of these states, in any order; null: more than a few. */
async function fewWith(
  pool: Pool,
  vendors: readonly string[],
  states: readonly LaneState[],
  few: number,
): Promise<number[] | null> {
  const { rows } = await pool.query<{ id: number }>(
    `select shop_id as id from lane_health where vendor = any($1::text[]) and state = any($2::text[]) limit $3`,
    [vendors, states, few + 1],
  )
  return rows.length > few ? null : [...new Set(rows.map(({ id }) => id))]
}

/** `offset 0`: looked up for each shop, however many lanes PostgreSQL takes there to be. ($1: the vendors, $2: the states) */
const STANDS_SO = `exists (
  select from lane_health h where h.shop_id = s.id and h.vendor = any($1::text[]) and h.state = any($2::text[]) offset 0)`

async function ofThese(
  pool: Pool,
  ids: readonly number[],
  vendors: readonly string[],
  states: readonly LaneState[],
  from: DomainPlace,
): Promise<Found> {
  const { rows } = await pool.query<ShopPlace>(
    `select 0 as rank, s.domain as key, s.id as "shopId" from shops s
     where s.id = any($4::int[]) and ${beyond(from, '$3')} and ${STANDS_SO}
     order by ${byDomainOf(from)} limit ${PAGE + 1}`,
    [vendors, states, from.after, ids],
  )
  return pageOf(rows)
}

/** In the order of domains, so many at most: among them are enough, unless those that stand so are not spread over the alphabet. */
async function walked(
  pool: Pool,
  vendors: readonly string[],
  states: readonly LaneState[],
  from: DomainPlace,
  few: number,
): Promise<Found> {
  const { rows } = await pool.query<ShopPlace>(
    `select 0 as rank, s.domain as key, s.id as "shopId" from (
       select domain, id from shops s where ${beyond(from, '$3')} order by ${byDomainOf(from)} limit $4) s
     where ${STANDS_SO} order by ${byDomainOf(from)} limit ${PAGE + 1}`,
    [vendors, states, from.after, few],
  )
  if (rows.length > PAGE) return pageOf(rows)
  const looked = await pool.query<ShopPlace>(
    `select 0 as rank, s.domain as key, s.id as "shopId" from shops s
     where ${beyond(from, '$1')} order by ${byDomainOf(from)} offset $2 limit 1`,
    [from.after, few - 1],
  )
  return pageOf(rows, looked.rows[0])
}

/** Every vendor of which there is a lane ($6: only this one), each found by one step over an index. */
const VENDORS_WALK = `vendors(vendor) as (
  select coalesce($6::text, (select min(vendor) from lane_health))
  union all
  select (select min(h.vendor) from lane_health h where h.vendor > v.vendor) from vendors v
  where $6::text is null and v.vendor is not null)`

async function vendorsOf(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ vendor: string }>(
    `with recursive ${VENDORS_WALK.replaceAll('$6', '$1')} select vendor from vendors where vendor is not null`,
    [null],
  )
  return rows.map(({ vendor }) => vendor)
}

async function byLanes(pool: Pool, filter: ShopFilter, place: ShopPlace | null): Promise<Found> {
  const places: ShopPlace[] = []
  let from = place
  for (let looks = 0; from?.rank !== NO_LANES; looks++) {
    if (looks === MOST_LOOKS) return pageOf(places, from)
    const lanes = await lookAtLanes(pool, filter, from)
    places.push(...lanes.filter(({ first }) => first))
    if (places.length > PAGE) return pageOf(places)
    const last = lanes.at(-1)
    if (last === undefined || lanes.length < LOOK) break
    from = last
  }
  // Shops without any vendor fit no question about vendors.
  if (filter.vendor !== undefined || filter.state !== undefined) return pageOf(places)
  return pageOf([...places, ...(await withoutLanes(pool, filter, from?.rank === NO_LANES ? from.shopId : 0))])
}

type SeenLane = ShopPlace & { first: boolean }

async function lookAtLanes(pool: Pool, filter: ShopFilter, from: ShopPlace | null): Promise<SeenLane[]> {
  const { text, values } = laneStatement(filter, from)
  return (await pool.query<SeenLane>(text, values)).rows
}

/**
 * The next lanes in order, each with whether it is the first of its shop; for the tests of its plan too. Those of one vendor in one
 * state stand in order in an index, and of each so many are put together. $1 to $4: states with their ranks and where each begins,
 * $5: all states asked for, $6: the vendor, null: any, $7: the shops, where only some are asked for.
 */
export function laneStatement(
  { sort, vendor, state, among }: ShopFilter,
  from: ShopPlace | null,
): { text: string; values: unknown[] } {
  const { byState, key, kind, after, direction, start } = laneOrder(sort)
  const rank = (of: LaneState) => (byState ? LANE_STATES.indexOf(of) : 0)
  const asked = state === undefined ? LANE_STATES : [state]
  const left = asked.filter(each => from === null || rank(each) <= from.rank)
  const begin = (of: LaneState) => (from !== null && from.rank === rank(of) ? from : null)
  const lane = `select h.shop_id, h.vendor, b.rank, ${key('h')} as key from lane_health h`
  const follows = `h.state = b.state and (${key('h')}, h.shop_id) ${after} (b.key, b.shop_id)`
  const lanes = among
    ? // Looked up for each shop: of as many as these PostgreSQL would rather read all lanes there are.
      `select h.shop_id, h.vendor, b.rank, ${key('h')} as key from unnest($7::int[]) a(id)
       cross join lateral (select * from lane_health where shop_id = a.id offset 0) h
       join begins b on ${follows} where $6::text is null or h.vendor = $6`
    : `select l.* from begins b cross join vendors v cross join lateral (
         ${lane} where h.vendor = v.vendor and ${follows} order by ${key('h')} ${direction}, h.shop_id ${direction} limit ${LOOK}) l
       where v.vendor is not null and $7::int[] is null`
  const rankOfOther = byState ? `array_position(array['${LANE_STATES.join("','")}'], o.state) - 1` : '0'
  const before = after === '>' ? '<' : '>'
  const inOrder = ['key', 'shop_id', 'vendor'].map(each => `seen.${each} ${direction}`).join(', ')
  const text = `
    with recursive begins(state, rank, key, shop_id) as (
      select * from unnest($1::text[], $2::int[], $3::${kind}[], $4::int[])),
    ${VENDORS_WALK},
    seen as (select * from (${lanes}) seen order by seen.rank desc, ${inOrder} limit ${LOOK})
    select seen.rank, seen.key::text, seen.shop_id as "shopId", not exists (
      select from lane_health o where o.shop_id = seen.shop_id and o.state = any($5::text[])
        and ($6::text is null or o.vendor = $6)
        and (-(${rankOfOther}), ${key('o')}, o.vendor) ${before} (-seen.rank, seen.key, seen.vendor)) as first
    from seen order by seen.rank desc, ${inOrder}`
  const values = [
    ...[left, left.map(rank), left.map(each => begin(each)?.key ?? start.key)],
    ...[left.map(each => begin(each)?.shopId ?? start.shopId), asked, vendor ?? null, among ?? null],
  ]
  return { text, values }
}

async function withoutLanes(pool: Pool, { among }: ShopFilter, after: number): Promise<ShopPlace[]> {
  const { rows } = await pool.query<ShopPlace>(
    `select ${NO_LANES} as rank, '' as key, s.id as "shopId" from shops s
     where s.id > $1 and ${among ? 's.id = any($2::int[])' : '$2::int[] is null'}
       and not exists (select from lane_health h where h.shop_id = s.id)
     order by s.id limit ${PAGE + 1}`,
    [after, among ?? null],
  )
  return rows
}

type LineRow = Omit<ShopLine, 'lanes'>
type LaneRow = LaneHealth & { shopId: number }

async function linesOf(pool: Pool, ids: readonly number[]): Promise<ShopLine[]> {
  if (ids.length === 0) return []
  const [shops, lanes] = await Promise.all([
    pool.query<LineRow>(
      `select id, domain, name, uninstalled_at is not null as removed from shops where id = any($1::int[])`,
      [ids],
    ),
    pool.query<LaneRow>(
      `select shop_id as "shopId", vendor, state, waiting, held, oldest_waiting as "oldestWaiting",
              oldest_held as "oldestHeld", delivered, failed
       from lane_health where shop_id = any($1::int[]) order by shop_id, vendor`,
      [ids],
    ),
  ])
  const byShop = Map.groupBy(lanes.rows, row => row.shopId)
  const byId = new Map(shops.rows.map(shop => [shop.id, shop]))
  return ids.flatMap(id => {
    const shop = byId.get(id)
    const own = (byShop.get(id) ?? []).map(({ shopId: _, ...lane }) => lane)
    return shop ? [{ ...shop, lanes: own }] : []
  })
}
