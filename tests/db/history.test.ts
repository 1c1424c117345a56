/** A database that was in use before, brought up to date: what the migrations make of what was in it. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Database, openDatabase, withTransaction } from '../../app/db/database.ts'
import { migrate } from '../../app/db/migrate.ts'
import { migrationsDirectory } from '../../app/db/migrations.ts'
import { ensurePartitions, PARTITIONED, partitionName, WEEK_MS, weekOf } from '../../app/db/partitions.ts'
import { emptyDatabase } from '../../app/db/testing.ts'
import { changeShop } from '../../app/shopify/shops.ts'

/** The migration that puts what is older than the weeks aside. */
const ASIDE = '20261121040000_late_effects'
const TABLES = Object.keys(PARTITIONED) as (keyof typeof PARTITIONED)[]
const NOW = new Date()
const weeks = (count: number) => new Date(NOW.getTime() + count * WEEK_MS)
const until = (table: string, monday: Date) =>
  `${table}_until_${monday.toISOString().slice(0, 10).replaceAll('-', '')}`

let database: { url: string; drop(): Promise<void> }
let opened: Database
let pool: Database['pool']
let earlier: string

beforeEach(async () => {
  database = await emptyDatabase()
  opened = openDatabase(database.url)
  pool = opened.pool
  earlier = await mkdtemp(path.join(os.tmpdir(), 'sluice-migrations-'))
  await cp(migrationsDirectory, earlier, { recursive: true })
  const later = (await readdir(earlier)).filter(name => /^\d/.test(name) && name >= ASIDE)
  for (const name of later) await rm(path.join(earlier, name), { recursive: true })
  await migrate(database.url, { directory: earlier })
})
afterEach(async () => {
  await opened.close()
  await database.drop()
  await rm(earlier, { recursive: true })
})

/** An event with its delivery, attempt and exchange. @returns its id */
async function keep(at: Date): Promise<string> {
  const id = uuidv7({ msecs: at.getTime() })
  const rows = [
    `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
     values (1, $1::uuid, 'page_viewed', 'storefront', $1::text, now(), now(), '{}', '{}')`,
    `insert into deliveries (shop_id, event_id, vendor, state, due_at, created_at, updated_at)
     values (1, $1::uuid, 'tiny', 'delivered', now(), now(), now())`,
    `insert into attempts (shop_id, event_id, vendor, number, part, step, exchange_id, outcome)
     values (1, $1::uuid, 'tiny', 1, 0, 'a', $1::uuid, 'delivered')`,
    `insert into exchanges (shop_id, id, vendor, started_at, duration_ms, request)
     values (1, $1::uuid, 'tiny', now(), 1, '{}')`,
  ]
  for (const row of rows) await pool.query(row, [id])
  return id
}

async function placesOf(id: string): Promise<string[]> {
  const found = TABLES.map(table =>
    pool.query(`select tableoid::regclass::text as place from ${table} where ${PARTITIONED[table]} = $1`, [
      id,
    ]),
  )
  return (await Promise.all(found)).map(({ rows }) => rows[0]?.place)
}
const defaults = () => TABLES.map(table => `${table}_default`)

describe('what was there before the weeks', () => {
  it('is put aside up to the first week that was made, so that attaching a week looks through nothing', async () => {
    await ensurePartitions(pool, NOW)
    const monday = weekOf(NOW)
    const old = [await keep(weeks(-9)), await keep(new Date(monday.getTime() - 1))]
    const present = await keep(NOW)
    const stray = await keep(weeks(40))
    await migrate(database.url)
    for (const id of old) expect(await placesOf(id)).toEqual(TABLES.map(table => until(table, monday)))
    expect(await placesOf(present)).toEqual(TABLES.map(table => partitionName(table, monday)))
    expect(await placesOf(stray)).toEqual(defaults())
    for (const name of defaults()) expect((await pool.query(`select from ${name}`)).rowCount).toBe(1)
    expect(await ensurePartitions(pool, weeks(1), weeks(-20))).toHaveLength(TABLES.length)
  })

  it('is put aside up to next Monday where no week was made yet, and the weeks begin there', async () => {
    const [old, present] = [await keep(weeks(-9)), await keep(NOW)]
    await migrate(database.url)
    const monday = weekOf(weeks(1))
    for (const id of [old, present])
      expect(await placesOf(id)).toEqual(TABLES.map(table => until(table, monday)))
    const made = await ensurePartitions(pool, NOW)
    expect(made).toHaveLength(4 * TABLES.length)
    expect(made).toContain(partitionName('events', monday))
    expect(await ensurePartitions(pool, NOW)).toEqual([])
    expect(await placesOf(await keep(NOW))).toEqual(TABLES.map(table => until(table, monday)))
    expect(await placesOf(await keep(weeks(1)))).toEqual(TABLES.map(table => partitionName(table, monday)))
  })

  it('is nothing in a database that has always had weeks: nothing changes', async () => {
    await ensurePartitions(pool, NOW)
    const present = await keep(NOW)
    await migrate(database.url)
    const tables = await pool.query(`select relname from pg_class where relname like '%_until_%'`)
    expect(tables.rows).toEqual([])
    expect(await placesOf(present)).toEqual(TABLES.map(table => partitionName(table, weekOf(NOW))))
  })

  it('keeps its indexes and checks, and has one by which retention finds what is old', async () => {
    await keep(weeks(-9))
    await migrate(database.url)
    const name = until('deliveries', weekOf(weeks(1)))
    const indexes = await pool.query<{ indexdef: string }>(
      'select indexdef from pg_indexes where tablename = $1',
      [name],
    )
    const columns = indexes.rows.map(({ indexdef }) => indexdef.replace(/^.* USING btree /, ''))
    expect(columns).toContain('(event_id)')
    for (const table of [name, 'deliveries_default']) {
      const found = await pool.query(
        `select from pg_indexes where tablename = $1 and indexdef like '%priority, event_id%'`,
        [table],
      )
      expect(found.rowCount).toBe(1)
    }
    await expect(pool.query(`update deliveries set state = 'lost'`)).rejects.toThrow(/deliveries_state_check/)
  })
})

describe('what vendors were last given', () => {
  it('is known to belong to what its event is about, also where that event is gone', async () => {
    const id = await keep(weeks(-1))
    await pool.query(`update events set subject = 'order:1'`)
    await pool.query(
      `insert into memories (shop_id, vendor, subject, fingerprint, event_id, updated_at)
       select 1, 'tiny', subject, 'f', case when subject like '%:1' then $1 else gen_random_uuid() end, now()
       from unnest(array['order:1', 'cart:1', 'order:2', 'subscription:3']) subject`,
      [id],
    )
    await migrate(database.url)
    const kept = await pool.query('select subject, event_subject as about from memories order by 1')
    expect(kept.rows).toEqual([
      { subject: 'cart:1', about: 'order:1' },
      { subject: 'order:1', about: null },
      { subject: 'order:2', about: null },
      { subject: 'subscription:3', about: 'customer:3' },
    ])
  })
})

describe('what is known of a shop', () => {
  it('is as new as it was: an older notice is let pass, and a newer one is not', async () => {
    const { rows } = await pool.query<{ id: number }>(
      `insert into shops (domain, name, stated_at) values ('one.myshopify.com', 'Known', '2026-11-20T12:00:00.500Z') returning id`,
    )
    await migrate(database.url)
    const told = (name: string, at: string) =>
      withTransaction(pool, client =>
        changeShop(client, rows[0]?.id ?? 0, {
          kind: 'shop_changed',
          ...{ name, currency: 'EUR', primaryDomain: null, timeZone: null },
          ...{ updatedAt: at, noticedAt: at },
        }),
      )
    const known = async () => (await pool.query('select name, currency from shops')).rows
    await told('Old', '2026-11-20T12:00:00.499Z')
    expect(await known()).toEqual([{ name: 'Known', currency: null }])
    await told('New', '2026-11-20T12:00:00.501Z')
    expect(await known()).toEqual([{ name: 'New', currency: 'EUR' }])
  })
})

describe('without pg_trgm', () => {
  const SHOPS = '20261122060000_support_shops'
  const script = () => readFile(path.join(migrationsDirectory, SHOPS, 'migration.sql'), 'utf8')
  /** The part that asks for the extension, as a user of the database who owns `shops` and may not create extensions. */
  const asked = async () => (await script()).slice((await script()).indexOf('DO $$'))
  const isIndexed = async () =>
    (await pool.query(`select to_regclass('shops_search_idx') is not null as there`)).rows[0].there

  it('a database is migrated where it may not be created, and the index is left out', async () => {
    const role = `plain_${Date.now()}`
    await pool.query(`create role ${role}`)
    await pool.query(`alter table shops owner to ${role}`)
    const sql = await asked()
    await withTransaction(pool, async client => {
      await client.query(`set local role ${role}`)
      await client.query(sql)
    })
    expect(await isIndexed()).toBe(false)
    await pool.query('alter table shops owner to current_user')
    await pool.query(`drop role ${role}`)
  })

  it('what else goes wrong is told, not swallowed', async () => {
    await pool.query('create table shops_search_idx ()')
    await expect(pool.query(await asked())).rejects.toThrow(/already exists/)
  })

  it('the index is made where the extension stands in another schema', async () => {
    await pool.query('create schema extensions')
    await pool.query('create extension pg_trgm schema extensions')
    await pool.query(await asked())
    expect(await isIndexed()).toBe(true)
  })
})
