import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { MOST_FOUND } from '../insights/shop-search.ts'
import { createSupportShops } from './support-shops.ts'

let test: TestDatabase
const pool = () => test.database.pool
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(() => emptyTables(pool()))

const BY = { actor: 'agent@example.com', role: 'agent', address: null } as const
const STAFF = { id: 1, email: BY.actor, role: BY.role, by: BY, session: '' }
const shops = (count: number, domain: string, name = 'null') =>
  pool().query(
    `insert into shops (domain, name) select ${domain} || '.myshopify.com', ${name} from generate_series(1, ${count}) n`,
  )
const page = (search: { text: string; state?: 'late' }) =>
  createSupportShops({ pool: pool() }).page(STAFF, { sort: 'worst', ...search }, null)

it('every domain was said to end so of a text by which shops were found, and a filter left none of them', async () => {
  await shops(1, "'lamp-shop'")
  expect(await page({ text: 'shop', state: 'late' })).toMatchObject({ lines: [], ofEveryDomain: false })
  expect(await page({ text: 'shopify', state: 'late' })).toMatchObject({ lines: [], ofEveryDomain: true })
})

it('more shops were said to match where all were looked through: so many by domain and as many others by name', async () => {
  await shops(300, "'lamps-' || n")
  await shops(300, "'other-' || n", "'Lamps ' || n")
  expect(await page({ text: 'la' })).toMatchObject({ lookedThrough: null })
  await shops(MOST_FOUND, "'lamps-more-' || n")
  expect(await page({ text: 'la' })).toMatchObject({ lookedThrough: { more: 'named' } })
})
