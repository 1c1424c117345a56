import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHUNK } from '../db/chunks.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { eraseShop, TABLES_OF_A_SHOP } from './erase-shop.ts'

let test: TestDatabase
let shopId: number
let otherId: number
const pool = () => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await removedShop('one')
  otherId = await removedShop('two')
})

const columns = `name, currency, primary_domain, scopes, pixel_id, admin_trouble, collectors, person_wait_hours`
async function removedShop(name: string): Promise<number> {
  const { rows } = await pool().query<{ id: number }>(
    `insert into shops (domain, uninstalled_at, ${columns})
     values ($1, now(), 'One', 'EUR', 'one.example.com', '{read_orders}', 'gid', 'frozen', '{pixel}', 1) returning id`,
    [`${name}.myshopify.com`],
  )
  return rows[0]?.id ?? 0
}

/** A row in a table: columns that must have something get it by their type. */
async function fill(table: string, shop: number): Promise<void> {
  const { rows } = await pool().query<{ name: string; type: string }>(
    `select column_name as name, udt_name as type from information_schema.columns
     where table_schema = 'public' and table_name = $1 and is_nullable = 'NO' and column_default is null`,
    [table],
  )
  const values = rows.map(({ name, type }) => (name === 'shop_id' ? shop : fillerOf(name, type)))
  const places = rows.map((_, i) => `$${i + 1}`)
  await pool().query(
    `insert into ${table} (${rows.map(({ name }) => `"${name}"`).join(', ')}) values (${places.join(', ')})`,
    values,
  )
}

function fillerOf(name: string, type: string): unknown {
  if (name === 'action_id') return FLEET_ACTION
  if (type === 'uuid') return uuidv7()
  if (type === 'timestamptz' || type === 'date') return AT
  if (type === '_text') return ['x']
  if (type.startsWith('json')) return '{}'
  if (type === 'bytea') return Buffer.from('x')
  if (type.startsWith('int')) return 1
  return name === 'state' ? 'pending' : 'x'
}
/** What support does for many shops: not a shop's, and stays. */
const FLEET_ACTION = uuidv7()
const AT = new Date('2026-11-20T12:00:00Z')

const countOf = async (table: string, shop: number) =>
  Number((await pool().query(`select count(*) from ${table} where shop_id = $1`, [shop])).rows[0].count)

/** Parents before children. */
const TABLES = TABLES_OF_A_SHOP.toReversed()

describe('erasing a shop', () => {
  it('knows every table that has a shop', async () => {
    const { rows } = await pool().query<{ name: string }>(
      `select c.relname as name from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'shop_id' and not a.attisdropped
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`,
    )
    expect(rows.map(({ name }) => name).sort()).toEqual([...TABLES_OF_A_SHOP].sort())
  })

  it('knows what has a shop by another name, and what has none', async () => {
    const { rows } = await pool().query<{ name: string }>(
      `select c.relname as name from pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
         and not exists (select from pg_attribute where attrelid = c.oid and attname = 'shop_id')`,
    )
    const names = rows.map(({ name }) => name).sort()
    expect(names).toEqual([
      ...['_prisma_migrations', 'allowances', 'audit_entries', 'circuits', 'fleet_actions', 'rollups'],
      ...['sessions', 'shops', 'support_accounts', 'support_sessions', 'support_throttle'],
      ...['vendor_day_changes', 'vendor_days', 'vendor_health'],
    ])
  })

  it('leaves nothing of it in any table, and everything of another', async () => {
    // A connection's row makes these.
    const made = ['connection_changes', 'lane_health_due']
    await pool().query(
      `insert into fleet_actions (id, action, vendor, filter, reason, actor, total) values ($1, 'hold', 'x', '{}', 'x', 'x', 2)`,
      [FLEET_ACTION],
    )
    for (const shop of [shopId, otherId])
      for (const table of TABLES) if (!made.includes(table)) await fill(table, shop)
    expect(await eraseShop(pool(), shopId)).toBe(true)
    for (const table of TABLES) {
      expect([table, await countOf(table, shopId)]).toEqual([table, 0])
      expect([table, await countOf(table, otherId)]).toEqual([table, 1])
    }
  })

  it('takes away credentials, and what the shop was', async () => {
    const before = await pool().query(`select pixel_key, ${columns} from shops order by id`)
    await pool().query(`insert into sessions (id, shop, state, is_online) values
      ('offline_one.myshopify.com', 'one.myshopify.com', '', false), ('9', 'one.myshopify.com', '', true),
      ('offline_two.myshopify.com', 'two.myshopify.com', '', false)`)
    await pool().query(
      `insert into circuits (key, open_until, rest_ms, opened_at, reason)
       select key, now(), 1, now(), 'x' from unnest($1::text[]) as keys(key)`,
      [[`lane:${shopId}:tiny`, `lane:${otherId}:tiny`]],
    )
    await eraseShop(pool(), shopId)
    expect((await pool().query('select shop from sessions')).rows).toEqual([{ shop: 'two.myshopify.com' }])
    expect((await pool().query('select key from circuits')).rows).toEqual([{ key: `lane:${otherId}:tiny` }])
    const [one, two] = (await pool().query(`select pixel_key, ${columns} from shops order by id`)).rows
    expect(one).toEqual({
      ...{
        pixel_key: expect.stringMatching(/^[0-9a-f]{32}$/),
        name: null,
        currency: null,
        primary_domain: null,
      },
      ...{ scopes: null, pixel_id: null, admin_trouble: null, collectors: [], person_wait_hours: 24 },
    })
    expect(one.pixel_key).not.toBe(before.rows[0].pixel_key)
    expect(two).toEqual(before.rows[1])
  })

  it('forgets all that a shop may or may not have said, its zone and what was thinned of it too', async () => {
    const { rows } = await pool().query<{ name: string; type: string }>(
      `select column_name as name, udt_name as type from information_schema.columns
       where table_schema = 'public' and table_name = 'shops' and is_nullable = 'YES' and column_default is null
         and column_name <> 'uninstalled_at'`,
    )
    const names = rows.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['time_zone', 'days_zone', 'thinned_until', 'hosts']))
    await pool().query(
      `update shops set ${names.map((name, place) => `"${name}" = $${place + 1}`).join(', ')}`,
      rows.map(({ name, type }) => fillerOf(name, type)),
    )
    await eraseShop(pool(), shopId)
    const shops = await pool().query<Record<string, unknown>>(
      `select ${names.map(name => `"${name}"`).join(', ')} from shops order by id`,
    )
    const [one = {}, two = {}] = shops.rows
    const isThere = (value: unknown) => value !== null && !(Array.isArray(value) && value.length === 0)
    expect(names.filter(name => isThere(one[name]))).toEqual([])
    // What was written is told apart from nothing.
    expect(names.filter(name => !isThere(two[name]))).toEqual([])
  })

  it('keeps that it was asked for', async () => {
    await pool().query(
      `insert into privacy_requests (shop_id, webhook_id, topic, subject, received_at)
       select $1, topic, topic, '', $2 from unnest(array['shop/redact', 'customers/redact']) as topics(topic)`,
      [shopId, AT],
    )
    await eraseShop(pool(), shopId)
    const { rows } = await pool().query('select topic, received_at from privacy_requests')
    expect(rows).toEqual([{ topic: 'shop/redact', received_at: AT }])
  })

  it('goes on where a chunk ends', async () => {
    await pool().query(
      `insert into event_keys select $1, n::text, gen_random_uuid() from generate_series(1, $2::int) n`,
      [shopId, CHUNK + 1],
    )
    expect(await eraseShop(pool(), shopId)).toBe(true)
    expect(await countOf('event_keys', shopId)).toBe(0)
  })

  it('touches nothing of a shop that has the app', async () => {
    await pool().query('update shops set uninstalled_at = null')
    await fill('products', shopId)
    expect(await eraseShop(pool(), shopId)).toBe(false)
    expect(await countOf('products', shopId)).toBe(1)
    expect((await pool().query('select name from shops')).rows).toEqual([{ name: 'One' }, { name: 'One' }])
  })

  it('ends early where the work was given to another', async () => {
    await fill('products', shopId)
    expect(await eraseShop(pool(), shopId, AbortSignal.abort())).toBe(false)
    expect(await countOf('products', shopId)).toBe(1)
  })
})
