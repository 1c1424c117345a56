/** A shop with a million deliveries to look at: orders and views copied from two that were accepted, over three months. */
import pg from 'pg'
import { ensurePartitions } from '../../app/db/partitions.ts'
import { DAYS_SEEN } from '../../app/insights/daily.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'

export type AdminHistory = {
  /** Has accepted one order and one view, each with its deliveries. */
  shopId: number
  /** To how many vendors each event went. */
  vendors: readonly string[]
  deliveries: number
}
/** What there is to look for. */
export type AdminTargets = {
  /** The order that was accepted: what is personal in a copy cannot be unsealed, because it is sealed for its event. */
  event: string
  /** In the middle of all. */
  middle: string
  /** "#1234" */
  order: string
  /** By which a person with few events among all is found. */
  mark: string
}

const CHUNK = 25_000
/** As long as accuracy looks back. */
const DAYS = 90
/** Every tenth event is an order, the one after it its payment, and every thousandth the one person's. */
const ORDER_EACH = 10
/** Ecomail is told of every other order by its payment alone. */
const LEFT_EACH = 2 * ORDER_EACH
const PERSON_EACH = 1_000
/** Of so many of the newest events every attempt is there, as of those of the last days. */
const WITH_ATTEMPTS = 5_000

export async function fillAdminHistory(databaseUrl: string, history: AdminHistory): Promise<AdminTargets> {
  const { shopId, vendors } = history
  const events = Math.ceil(history.deliveries / vendors.length)
  const now = new Date()
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  await ensurePartitions(pool, now, new Date(now.getTime() - (DAYS + 1) * 86_400_000))
  await pool.end()
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (let from = 1; from <= events; from += CHUNK) {
      const to = Math.min(from + CHUNK - 1, events)
      await client.query(COPY, [shopId, vendors, from, to, events, DAYS])
    }
    await client.query(ATTEMPTS, [shopId, WITH_ATTEMPTS])
    await countDays(databaseUrl)
    await client.query('vacuum analyze')
    return await targetsOf(client, shopId, events)
  } finally {
    await client.end()
  }
}

/** As a worker has done long before anybody looks at a page. */
async function countDays(databaseUrl: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  try {
    await pool.query('update rollups set seen_until = now() where name = $1', [DAYS_SEEN])
    await pool.query(
      `insert into delivery_days_due select distinct shop_id, (uuid_extract_timestamp(event_id) at time zone 'UTC')::date, now()
       from deliveries on conflict do nothing`,
    )
    await rollUpDays(pool, { mostMs: 600_000 })
  } finally {
    await pool.end()
  }
}

async function targetsOf(client: pg.Client, shopId: number, events: number): Promise<AdminTargets> {
  const one = async (text: string, values: unknown[]) => {
    const { rows } = await client.query<{ found: string }>(text, values)
    const [row] = rows
    if (!row) throw new Error(`nothing was found to look for: ${text}`)
    return row.found
  }
  return {
    event: await one(
      `select id as found from events where shop_id = $1 and type = 'order_created' and dedupe_key not like 'copy-%'`,
      [shopId],
    ),
    middle: await one(`select id as found from events where shop_id = $1 order by id offset $2 limit 1`, [
      shopId,
      Math.floor(events / 2),
    ]),
    order: `#${Math.floor(events / 2 / ORDER_EACH) * ORDER_EACH}`,
    mark: await one(
      `select email_mark as found from events where shop_id = $1 and email_mark is not null group by 1 order by count(*) desc limit 1`,
      [shopId],
    ),
  }
}

/** Numbers run from the oldest to the newest, so that ids, which begin with their time, only ever grow. */
const COPY = `
  with numbered as materialized (
    select n, n - n % ${ORDER_EACH} as number, n % ${ORDER_EACH} <= 1 as is_order,
           case n % ${ORDER_EACH} when 0 then 'order_created' when 1 then 'order_paid' else 'product_viewed' end as type,
           uuidv7(-make_interval(secs => $6::float8 * 86400 * (1 - n / $5::float8))) as id
    from generate_series($3::int, $4::int) as n
  ), originals as materialized (
    select distinct on (type) type = 'order_created' as is_order, to_jsonb(e) as columns from events e
    where shop_id = $1 and type in ('order_created', 'product_viewed') and dedupe_key not like 'copy-%'
  ), kept as (
    insert into events
    select copy.* from numbered join originals using (is_order),
         lateral jsonb_populate_record(null::events, columns || jsonb_build_object(
           'id', id, 'type', numbered.type, 'dedupe_key', 'copy-' || n, 'occurred_at', uuid_extract_timestamp(id),
           'received_at', uuid_extract_timestamp(id),
           'subject', case when is_order then 'order:' || number end,
           'visitor_id', 'visitor-' || n % 5000,
           'email_mark', case when is_order then
              case when n % ${PERSON_EACH} = 0 then columns ->> 'email_mark' else md5(n::text) end end,
           'data', case when is_order then jsonb_set(columns -> 'data', '{order,name}', to_jsonb('#' || number))
                   else columns -> 'data' end)) as copy
  ), keys as (insert into event_keys select $1, 'copy-' || n, id from numbered)
  insert into deliveries
  select copy.*
  from numbered, unnest($2::text[]) as vendor,
       (select to_jsonb(d) as columns from deliveries d where shop_id = $1 order by event_id limit 1) as original,
       lateral (select (n + length(vendor)) % 1000 as lot, vendor = 'ecomail' and n % ${LEFT_EACH} = 0 as is_left) as drawn,
       lateral jsonb_populate_record(null::deliveries, columns || jsonb_build_object(
         'event_id', id, 'vendor', vendor, 'attempts', 1,
         'state', case when is_left then 'skipped' when lot < 965 then 'delivered' when lot < 997 then 'skipped' else 'dead' end,
         'reason', case when is_left then 'superseded' when lot < 965 then null when lot < 980 then 'no_consent' when lot < 997 then 'no_email'
                   else 'rejected' end,
         'due_at', uuid_extract_timestamp(id), 'created_at', uuid_extract_timestamp(id),
         'updated_at', uuid_extract_timestamp(id))) as copy`

const ATTEMPTS = `
  with newest as materialized (
    select d.event_id, d.vendor, uuidv7() as exchange_id
    from deliveries d where d.shop_id = $1 and d.event_id in (
      select id from events where shop_id = $1 order by id desc limit $2)
  ), sent as (
    insert into exchanges (shop_id, id, vendor, started_at, duration_ms, request, response)
    select $1, exchange_id, vendor, uuid_extract_timestamp(event_id), 80,
           '{"method":"POST","url":"https://vendor.example/events","headers":{},"body":{"events":[]}}',
           '{"status":200,"headers":{},"body":{"ok":true}}'
    from newest
  )
  insert into attempts (shop_id, event_id, vendor, number, part, step, exchange_id, outcome)
  select $1, event_id, vendor, 1, 0, 'send', exchange_id, 'delivered' from newest`
