/** Very many shops, each with some vendors, an order, counts of today and something that waits: inserted, not accepted. */
import pg from 'pg'
import { ensurePartitions } from '../../app/db/partitions.ts'

export type ManyShops = {
  shops: number
  /** Each shop has all of them. */
  vendors: readonly string[]
  /** Spread over the lanes in turns, the latest first; what is left over goes to the first again. */
  open: number
}

/** So many shops have an order of the same name; each has one of its own as well. */
export const COMMON_ORDER = '#1001'
export const ownOrder = (shop: number) => `#OWN-${shop}`

const CHUNK = 20_000

/** Weeks before now, as a shop of some age has them: without rows, but looked into. */
const WEEKS = 8

export async function fillManyShops(databaseUrl: string, { shops, vendors, open }: ManyShops): Promise<void> {
  const now = Date.now()
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  await ensurePartitions(pool, new Date(now), new Date(now - WEEKS * 7 * 86_400_000))
  await pool.end()
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(SHOPS, [shops])
    await client.query(CONNECTIONS, [vendors])
    await client.query(DAYS)
    for (let from = 1; from <= shops; from += CHUNK)
      await client.query(ORDERS, [from, Math.min(from + CHUNK - 1, shops), COMMON_ORDER])
    for (let from = 0; from < open; from += CHUNK)
      await client.query(OPEN, [from, Math.min(from + CHUNK, open) - 1, shops, vendors])
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
}

/** Support holds a vendor for every shop, for one reason. */
export async function holdMany(databaseUrl: string, vendor: string, reason: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(HOLDS, [vendor, reason])
    await client.query('vacuum analyze connections')
  } finally {
    await client.end()
  }
}

/** Some hundred by one transaction, as the steps of a fleet action hold them: each has a time of its own. */
const HOLDS = `
  update connections set hold_reason = $2, hold_since = now() + make_interval(secs => shop_id / 250) where vendor = $1`

const SHOPS = `
  insert into shops (id, domain, name)
  select n, substr(md5(n::text), 1, 10) || '-' || n || '.myshopify.com', 'The ' || substr(md5(n::text), 3, 8) || ' Store'
  from generate_series(1, $1::int) n`

/** One in fifty is off, one in two hundred waits for a person. */
const CONNECTIONS = `
  insert into connections (shop_id, vendor, settings, secrets, enabled, attention, updated_at)
  select id, vendor, '{"mode": "server", "rows": {"order_created": true}}', repeat('x', 300), id % 50 <> 0,
         case when id % 200 = 7 then 'The vendor refused the credentials.' end, now()
  from shops, unnest($1::text[]) as vendor`

const DAYS = `
  insert into delivery_days (shop_id, day, vendor, type, state, reason, count)
  select shop_id, (now() at time zone 'UTC')::date - ago, vendor, type, state, '',
         case when state = 'dead' then shop_id % 9 else 40 + shop_id % 60 end
  from connections, generate_series(0, 1) ago, unnest(array['order_created', 'product_viewed']) type,
       unnest(array['delivered', 'dead']) state`

const ORDERS = `
  insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, subject, consent, data)
  select n, uuidv7(), 'order_created', 'webhook', 'order-' || n || '-' || o, now(), now(), 'order:' || n || o, '{}',
         jsonb_build_object('order', jsonb_build_object('name', case o when 1 then $3 else '#OWN-' || n end))
  from generate_series($1::int, $2::int) n, generate_series(1, 2) o`

const OPEN = `
  insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
  select 1 + n / cardinality($4::text[]) % $3, uuidv7(), ($4::text[])[1 + n % cardinality($4::text[])],
         case when n % 4 = 0 then 'retry' else 'pending' end, '{}', now(), now(), now() - make_interval(secs => n % 7000)
  from generate_series($1::int, $2::int) n`
