/** What visitors refuse ends by what each shop has chosen, in one statement, however many shops and events there are. */
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openPool } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { refusalRows, type ShopRefusal } from '../identity/refusals.ts'
import { product, storeEvent } from '../vendors/testing.ts'
import { saveConnection } from './connections.ts'
import { deliveryOf, keepDelivery, newShop, sealer, TINY_SETTINGS, tinyVendor } from './testing.ts'
import { declaredPurposes, END_WITHDRAWN, endWithdrawn, withdrawnAmong } from './withdrawn.ts'

const VISITOR = 'visitor-1'
const tiny = tinyVendor()
let test: TestDatabase
const pool = () => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
})
beforeEach(() => emptyTables(pool(), []))
afterAll(() => test.drop())

type Allowed = { analytics: boolean | null; marketing: boolean | null }
const ALL: Allowed = { analytics: true, marketing: true }

/** A shop that has connected the vendor. @param chosen for a view; null: nothing */
async function shopThat(name: string, chosen: string | null): Promise<number> {
  const shopId = await newShop(pool(), name)
  const purposes = chosen === null ? {} : { product_viewed: chosen }
  await saveConnection(pool(), sealer, shopId, tiny, { ...TINY_SETTINGS, purposes })
  return shopId
}

const viewBy = (visitorId: string, consent: Allowed) => {
  const view = storeEvent('product_viewed', { url: null, product: product() }, { source: 'storefront' })
  const occurredAt = new Date(Date.now() - 60_000).toISOString()
  return { ...view, occurredAt, actor: { ...view.actor, visitorId, consent } }
}

/** A view that is to be sent. @returns its id */
const viewed = async (shopId: number, { visitor = VISITOR, consent = ALL } = {}) => {
  const id = uuidv7()
  return keepDelivery(pool(), shopId, {}, { ...viewBy(visitor, consent), id, dedupeKey: id })
}

const MARKETING = { analytics: false, marketing: true }
const EVERYTHING = { analytics: true, marketing: true }

/** Keeps what a visitor refuses from now on. */
async function refuses(shopId: number, refused: typeof MARKETING, visitorId = VISITOR): Promise<ShopRefusal> {
  const now = new Date().toISOString()
  const [analytics, marketing] = [refused.analytics ? now : null, refused.marketing ? now : null]
  await pool().query(
    `insert into visitor_refusals (shop_id, visitor_id, analytics_until, marketing_until, noted_on)
     values ($1, $2, $3, $4, current_date)`,
    [shopId, visitorId, analytics, marketing],
  )
  return { shopId, visitorId, subjects: [], analytics, marketing }
}

const became = async (shopId: number, id: string) => {
  const { state, message } = await deliveryOf(pool(), shopId, id)
  return state === 'skipped' ? message : state
}
const SINCE = 'The visitor has withdrawn their consent since.'
const NEVER = 'The visitor did not allow the purposes this tool needs.'

describe('what shops have chosen', () => {
  it('counts for each of two shops of one statement', async () => {
    const shops = await Promise.all([
      shopThat('one', 'analytics'),
      shopThat('two', 'marketing'),
      shopThat('three', null),
    ])
    const ids = await Promise.all(shops.map(shopId => viewed(shopId)))
    const refusals = await Promise.all(shops.map(shopId => refuses(shopId, MARKETING)))
    await endWithdrawn(pool(), [tiny], refusals)
    const told = await Promise.all(shops.map((shopId, n) => became(shopId, ids[n] ?? '')))
    expect(told).toEqual(['pending', `${SINCE} (marketing)`, `${SINCE} (marketing)`])
  })

  it('does not keep what is for analytics from those who refuse that', async () => {
    const shopId = await shopThat('one', 'marketing')
    const id = await viewed(shopId)
    await endWithdrawn(pool(), [tiny], [await refuses(shopId, EVERYTHING)])
    expect(await became(shopId, id)).toBe(`${SINCE} (analytics)`)
  })

  it('names what was never allowed by the choice of the shop', async () => {
    const shops = await Promise.all([shopThat('one', 'marketing'), shopThat('two', null)])
    const consent = { analytics: null, marketing: null }
    const ids = await Promise.all(shops.map(shopId => viewed(shopId, { consent })))
    const refusals = await Promise.all(shops.map(shopId => refuses(shopId, EVERYTHING)))
    await endWithdrawn(pool(), [tiny], refusals)
    const told = await Promise.all(shops.map((shopId, n) => became(shopId, ids[n] ?? '')))
    expect(told).toEqual([`${NEVER} (marketing)`, `${NEVER} (analytics, marketing)`])
  })

  it.each(['none', '', null, [], {}])('is what is declared where %j is stored', async stored => {
    const shopId = await shopThat('one', null)
    await pool().query('update connections set settings = jsonb_set(settings, $1, $2::jsonb)', [
      ['purposes', 'product_viewed'],
      JSON.stringify(stored),
    ])
    const id = await viewed(shopId)
    await endWithdrawn(pool(), [tiny], [await refuses(shopId, MARKETING)])
    expect(await became(shopId, id)).toBe(`${SINCE} (marketing)`)
  })

  it('says the same before a drain', async () => {
    const shopId = await shopThat('one', null)
    const due = [{ event: viewBy(VISITOR, ALL) }]
    await refuses(shopId, MARKETING)
    const left = (settings: unknown) =>
      withdrawnAmong(pool(), { shopId, vendor: 'tiny' }, { vendor: tiny, settings }, due)
    expect((await left({})).size).toBe(1)
    expect((await left({ purposes: { product_viewed: 'marketing' } })).size).toBe(1)
    expect((await left({ purposes: { product_viewed: 'analytics' } })).size).toBe(0)
  })
})

describe('among many shops', () => {
  type Node = { 'Node Type': string; 'Relation Name'?: string; Plans?: Node[] }
  type Explained = { Plan: Node & { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }
  const all = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(all)]

  it.each([['lookups' as const], [undefined]])(
    'looks up the settings of those concerned alone, by a pool planned for %s',
    async plannedOnce => {
      const shopId = await shopThat('one', 'marketing')
      await pool().query(
        `insert into shops (domain) select 's' || n || '.myshopify.com' from generate_series(1, 4000) n`,
      )
      await pool().query(
        `insert into connections (shop_id, vendor, settings, secrets)
         select s.id, v, jsonb_build_object('rows', '{}'::jsonb, 'text', repeat('x', 200)), '' from shops s,
           unnest(array['tiny', 'small', 'little']) v on conflict do nothing`,
      )
      for (let n = 0; n < 20; n++) await viewed(shopId)
      const refusal = await refuses(shopId, MARKETING)
      await pool().query(
        'analyze shops; analyze connections; analyze events; analyze deliveries; analyze visitor_refusals',
      )
      const own = openPool(test.url, { max: 1, ...(plannedOnce && { plannedOnce }) })
      try {
        const { rows } = await own.query<{ 'QUERY PLAN': [Explained] }>(
          `explain (analyze, buffers, format json) ${END_WITHDRAWN}`,
          [refusalRows([refusal]), declaredPurposes([tiny])],
        )
        const plan = rows[0]?.['QUERY PLAN'][0].Plan
        if (!plan) throw new Error('no plan')
        const scans = all(plan).filter(node => node['Relation Name'] === 'connections')
        expect(scans.map(node => node['Node Type'])).toEqual(['Index Scan'])
        expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(1_500)
      } finally {
        await own.end()
      }
      const { rows } = await pool().query(
        `select count(*)::int as ended from deliveries where state = 'skipped'`,
      )
      expect(rows).toEqual([{ ended: 20 }])
    },
  )
})
