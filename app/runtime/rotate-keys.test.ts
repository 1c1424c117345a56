import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { newShop } from '../delivery/testing.ts'
import { createSealer, keyIdOf } from '../secrets/seal.ts'
import { lostTogether } from './lost-values.ts'
import { keyUses, type Rotated, rotateKeys, rotateStep } from './rotate-keys.ts'
import { type Key, SEALED_COLUMNS } from './sealed-columns.ts'

const OLD = { id: 'old_1', bytes: Buffer.alloc(32, 1) }
const NEW = { id: 'new', bytes: Buffer.alloc(32, 2) }
const LOST = { id: 'lost', bytes: Buffer.alloc(32, 3) }
const before = createSealer([OLD])
const after = createSealer([NEW, OLD])
const onlyNew = createSealer([NEW])
/** More than are read at a time. */
const CUSTOMERS = 1_203
const EVENT = '01930000-0000-7000-8000-000000000001'
const ADDRESS = 'mara@example.com'
let test: TestDatabase
let shopId: number
let done: Rotated[]

async function allOf(steps: AsyncIterable<Rotated>): Promise<Rotated[]> {
  const all = []
  for await (const step of steps) all.push(step)
  return all
}

const contextOf = (table: string, column: string, key: Key, mark = '') =>
  SEALED_COLUMNS.find(each => each.table === table && each.column === column)?.context(key, mark) ?? []

beforeAll(async () => {
  test = await testDatabase()
  const { pool } = test.database
  shopId = await newShop(pool, 'rotated')
  const shop_id = String(shopId)
  const seal = (plain: string, table: string, column: string, key: Key, mark?: string) =>
    before.seal(plain, contextOf(table, column, key, mark))
  const mark = before.marks(ADDRESS, [shop_id, 'email'])[0]
  await pool.query(
    `insert into connections (shop_id, vendor, settings, secrets) values ($1, 'ecomail', '{}', $2)`,
    [shopId, seal('{"apiKey":"k"}', 'connections', 'secrets', { shop_id, vendor: 'ecomail' })],
  )
  await pool.query(
    `insert into sessions (id, shop, state, is_online, access_token, staff) values ('s', 'rotated', '', false, $1, $2)`,
    [seal('token', 'sessions', 'access_token', { id: 's' }), seal('{}', 'sessions', 'staff', { id: 's' })],
  )
  const ids = Array.from({ length: CUSTOMERS }, (_, n) => String(n))
  const people = ids.map(id => seal(`{"n":${id}}`, 'customers', 'personal', { shop_id, customer_id: id }))
  await pool.query(
    `insert into customers (shop_id, customer_id, personal) select $1, unnest($2::text[]), unnest($3::text[])`,
    [shopId, ids, people],
  )
  await pool.query(`insert into customers (shop_id, customer_id, personal) values ($1, 'unreadable', $2)`, [
    shopId,
    createSealer([LOST]).seal('{}', ['x']),
  ])
  await pool.query(
    `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data, personal, email_mark)
     values ($1, $2, 'order_created', 'webhook', 'd', now(), now(), '{}', '{}', $3, $4)`,
    [
      shopId,
      EVENT,
      seal(JSON.stringify({ email: 'Mara@Example.com' }), 'events', 'personal', { shop_id, id: EVENT }),
      mark,
    ],
  )
  await pool.query(
    `insert into visitor_links (shop_id, visitor_id, origin, email, email_mark, said_at, linked_at)
     values ($1, 'v', 'order:1', $2, $3, now(), now())`,
    [shopId, seal(ADDRESS, 'visitor_links', 'email', { shop_id }, mark), mark],
  )
  await pool.query(
    `insert into support_accounts (email, role, totp_secret) values ('a@example.com', 'admin', $1)`,
    [seal('SECRET', 'support_accounts', 'totp_secret', { email: 'a@example.com' })],
  )
  await pool.query('update shops set alert_to = $2 where id = $1', [
    shopId,
    seal('{}', 'shops', 'alert_to', { id: shop_id }),
  ])
  await pool.query('delete from connection_changes')
  done = await allOf(rotateKeys({ pool, sealer: after, keyId: NEW.id }))
})
afterAll(() => test.drop())

const one = async (sql: string): Promise<Record<string, string>> =>
  (await test.database.pool.query(sql)).rows[0]

const sumOf = (steps: readonly Rotated[]) => ({
  sealed: steps.reduce((sum, { sealed }) => sum + sealed, 0),
  unreadable: steps.reduce((sum, { unreadable }) => sum + unreadable, 0),
})

it('knows each column that the schema says is sealed', async () => {
  const { rows } = await test.database.pool.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and column_name in ('secrets', 'personal', 'access_token', 'refresh_token', 'staff',
       'alert_to', 'totp_secret') and table_name !~ '_(20|default|until)'`,
  )
  const known = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`)
  expect(rows.map(({ name }) => name).filter(name => !known.includes(name))).toEqual([])
})

it('seals everything anew, chunk by chunk, and says what it could not read', () => {
  const of = (table: string) => done.filter(each => each.table === table)
  expect(of('customers').map(({ sealed, unreadable }) => sealed + unreadable)).toEqual([500, 500, 204])
  expect(sumOf(of('customers'))).toEqual({ sealed: CUSTOMERS, unreadable: 1 })
  expect(lostTogether(done.flatMap(({ lost }) => lost))).toEqual([
    { table: 'customers', column: 'personal', key: 'lost', count: 1, of: ['rotated.myshopify.com'] },
  ])
  for (const table of ['connections', 'events', 'visitor_links', 'support_accounts', 'shops'])
    expect(of(table)).toEqual([expect.objectContaining({ sealed: 1, unreadable: 0 })])
  expect(of('sessions').map(({ sealed }) => sealed)).toEqual([1, 0, 1])
})

it('can be read with the new key alone, as what it was', async () => {
  const shop_id = String(shopId)
  const { secrets = '' } = await one('select secrets from connections')
  expect(keyIdOf(secrets)).toBe('new')
  expect(onlyNew.unseal(secrets, [shop_id, 'ecomail'])).toBe('{"apiKey":"k"}')
  const { personal = '' } = await one(`select personal from customers where customer_id = '700'`)
  expect(onlyNew.unseal(personal, [shop_id, 'customer', '700'])).toBe('{"n":700}')
  const { totp_secret = '' } = await one('select totp_secret from support_accounts')
  expect(onlyNew.unseal(totp_secret, ['support', 'a@example.com'])).toBe('SECRET')
})

it('is found by its address with the new key alone', async () => {
  const [mark] = onlyNew.marks(ADDRESS, [String(shopId), 'email'])
  expect(await one('select email_mark from events')).toEqual({ email_mark: mark })
  const link = await one('select email, email_mark from visitor_links')
  expect(link.email_mark).toBe(mark)
  expect(onlyNew.unseal(link.email ?? '', [String(shopId), 'email', mark])).toBe(ADDRESS)
})

it('is no change of settings', async () => {
  const { rows } = await test.database.pool.query('select what from connection_changes')
  expect(rows).toEqual([])
})

it('says what is left under another key, and does nothing the second time', async () => {
  const { pool } = test.database
  const left = (await keyUses(pool)).filter(({ key }) => key !== NEW.id)
  expect(left).toEqual([{ table: 'customers', column: 'personal', kind: 'sealed', key: 'lost', count: 1 }])
  const again = await allOf(rotateKeys({ pool, sealer: after, keyId: NEW.id }))
  expect(sumOf(again).sealed).toBe(0)
})

it('is done by two at a time without seeing anything twice', async () => {
  const { pool } = test.database
  const shop_id = String(shopId)
  const back = createSealer([OLD, NEW])
  await allOf(rotateKeys({ pool, sealer: back, keyId: OLD.id }))
  const both = await Promise.all([1, 2].map(() => allOf(rotateKeys({ pool, sealer: after, keyId: NEW.id }))))
  expect(sumOf(both.flat().filter(({ table }) => table === 'customers')).sealed).toBe(CUSTOMERS)
  const { personal = '' } = await one(`select personal from customers where customer_id = '700'`)
  expect(onlyNew.unseal(personal, [shop_id, 'customer', '700'])).toBe('{"n":700}')
})

it('reads some thousand rows by a statement, also where nothing of them is to be done, and goes on behind them', async () => {
  const { pool } = test.database
  const shop_id = String(shopId)
  const done = onlyNew.seal('{}', ['x'])
  await pool.query(
    `insert into customers (shop_id, customer_id, personal) select $1, 'a' || lpad(n::text, 6, '0'), $2 from generate_series(1, 12000) n`,
    [shopId, done],
  )
  const old = before.seal('{}', contextOf('customers', 'personal', { shop_id, customer_id: 'z' }))
  await pool.query(`insert into customers (shop_id, customer_id, personal) values ($1, 'z', $2)`, [
    shopId,
    old,
  ])
  const rotating = { pool, sealer: after, keyId: NEW.id }
  const column = SEALED_COLUMNS.findIndex(({ table }) => table === 'customers')
  const steps = [await rotateStep(rotating, { column, after: null })]
  for (let next = steps[0]?.next; next?.column === column; next = steps.at(-1)?.next)
    steps.push(await rotateStep(rotating, next))
  expect(steps.map(({ sealed }) => sealed)).toEqual([0, 0, 1])
  expect(steps.map(({ next }) => next?.column)).toEqual([column, column, column + 1])
  const statements = vi.spyOn(pool, 'query')
  const uses = await keyUses(pool)
  const reading = statements.mock.calls
    .map(([sql]) => String(sql))
    .filter(sql => sql.includes('from customers'))
  statements.mockRestore()
  expect(reading).toHaveLength(3)
  const counts = uses.filter(({ table }) => table === 'customers').map(({ key, count }) => [key, count])
  expect(counts).toEqual([
    ['lost', 1],
    ['new', CUSTOMERS + 12_000 + 1],
  ])
})
