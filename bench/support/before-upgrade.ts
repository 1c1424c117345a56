/** A database as an older version left it, with very many events and deliveries: inserted, not accepted. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../app/db/migrate.ts'
import { migrationsDirectory } from '../../app/db/migrations.ts'
import { ensurePartitions } from '../../app/db/partitions.ts'

export type Before = {
  /** The last migration that it has. */
  migration: string
  events: number
  deliveries: number
  shops: number
  weeks: number
}

const CHUNK = 100_000

/** @param url of an empty database */
export async function fillBefore(
  url: string,
  { migration, events, deliveries, shops, weeks }: Before,
): Promise<void> {
  await migrateUpTo(url, migration)
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  const now = Date.now()
  await ensurePartitions(pool, new Date(now), new Date(now - weeks * 7 * 86_400_000))
  await pool.end()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('set synchronous_commit = off')
    await client.query(SHOPS, [shops])
    for (let from = 0; from < events; from += CHUNK)
      await client.query(EVENTS, [
        from,
        Math.min(from + CHUNK, events) - 1,
        events,
        weeks * 7,
        shops,
        deliveries / events,
      ])
    await client.query('vacuum analyze')
    await client.query('checkpoint')
  } finally {
    await client.end()
  }
}

async function migrateUpTo(url: string, last: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-migrations-'))
  try {
    for (const name of readdirSync(migrationsDirectory))
      if (name <= last) cpSync(join(migrationsDirectory, name), join(directory, name), { recursive: true })
    await migrate(url, { directory })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const SHOPS = `
  with shop as (insert into shops (id, domain) select n, 'shop-' || n || '.myshopify.com' from generate_series(1, $1::int) n returning id)
  insert into connections (shop_id, vendor, settings, secrets, updated_at)
  select id, vendor, '{}', repeat('x', 300), now() from shop, unnest(array['ecomail', 'topmail', 'alana', 'voucherify']) vendor`

/** From the oldest to the newest, so that ids, which begin with their time, only ever grow. Every fifth is an order. */
const EVENTS = `
  with numbered as materialized (
    select n, 1 + n % $5::int as shop_id, uuidv7(-make_interval(secs => $4::float8 * 86400 * (1 - n / $3::float8))) as id
    from generate_series($1::int, $2::int) n
  ), kept as (
    insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, subject, consent, data, personal)
    select shop_id, id, case when n % 5 = 0 then 'order_created' else 'product_viewed' end, 'webhook', 'event-' || n,
           uuid_extract_timestamp(id), uuid_extract_timestamp(id), case when n % 5 = 0 then 'order:' || n end, '{"marketing": true}',
           jsonb_build_object('words', repeat(md5(n::text), 12))
             || case when n % 5 = 0 then jsonb_build_object('order', jsonb_build_object('name', '#' || n)) else '{}' end,
           repeat(md5(n::text), 6)
    from numbered
  )
  insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
  select shop_id, id, (array['ecomail', 'topmail', 'alana', 'voucherify'])[each],
         case when n % 1000 < 990 then 'delivered' else 'dead' end, '{}',
         uuid_extract_timestamp(id), uuid_extract_timestamp(id), uuid_extract_timestamp(id)
  from numbered, lateral generate_series(1, (floor((n + 1) * $6::float8) - floor(n * $6::float8))::int) each`
