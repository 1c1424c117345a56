/** Filling the tables with very many views, by copying one that was accepted: months of history, or a backlog. */
import pg from 'pg'
import { ensurePartitions } from '../../app/db/partitions.ts'

export type History = {
  /** A shop that has accepted one view for each of the vendors: the row that is copied. */
  template: number
  /** The shops that get the copies, in turns. */
  shops: readonly number[]
  vendors: readonly string[]
  /** Deliveries in all: events times vendors. */
  deliveries: number
  /** Over how many days before now the events are spread; 0: all are of now. */
  days: number
  /** Waiting to be sent; otherwise done, nearly all of them delivered. */
  waiting: boolean
}

const CHUNK = 50_000

/** What became of old deliveries: of a thousand 965 are delivered, 30 skipped, 5 dead. */
const DONE = `case when n % 1000 < 965 then 'delivered' when n % 1000 < 995 then 'skipped' else 'dead' end`

/**
 * Inserts into the tables by their names, every column as the copied row has it, in the weeks to which the ids belong.
 */
export async function fillHistory(databaseUrl: string, history: History): Promise<void> {
  const { template, shops, vendors, days, waiting } = history
  const events = Math.ceil(history.deliveries / vendors.length)
  const now = Date.now()
  await makeWeeks(databaseUrl, new Date(now - days * 86_400_000), new Date(now))
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('set session_replication_role = replica')
    for (let from = 0; from < events; from += CHUNK) {
      const to = Math.min(from + CHUNK, events) - 1
      await client.query(copySql(waiting ? `'pending'` : DONE), [
        template,
        shops,
        vendors,
        from,
        to,
        events,
        days,
      ])
    }
    await client.query('vacuum analyze events, deliveries, event_keys')
  } finally {
    await client.end()
  }
}

async function makeWeeks(databaseUrl: string, from: Date, to: Date): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  await ensurePartitions(pool, to, from)
  await pool.end()
}

/** Numbers run from the oldest to the newest, so that ids, which begin with their time, only ever grow. */
function copySql(state: string): string {
  return `
    with numbered as materialized (
      select n, ($2::int[])[1 + n % cardinality($2::int[])] as shop_id,
             uuidv7(-make_interval(secs => $7::float8 * 86400 * (1 - n / $6::float8))) as id
      from generate_series($4::int, $5::int) as n
    ), kept as (
      insert into events
      select copy.*
      from numbered,
           (select to_jsonb(e) as columns from events e where shop_id = $1 order by id limit 1) as original,
           lateral jsonb_populate_record(null::events, columns || jsonb_build_object(
             'shop_id', shop_id, 'id', id, 'dedupe_key', 'copy-' || n, 'occurred_at', uuid_extract_timestamp(id),
             'received_at', uuid_extract_timestamp(id))) as copy
    )
    , keys as (insert into event_keys select shop_id, 'copy-' || n, id from numbered)
    insert into deliveries
    select copy.*
    from numbered, unnest($3::text[]) as vendor,
         (select to_jsonb(d) as columns from deliveries d where shop_id = $1 order by event_id limit 1) as original,
         lateral jsonb_populate_record(null::deliveries, columns || jsonb_build_object(
           'shop_id', shop_id, 'event_id', id, 'vendor', vendor, 'state', ${state},
           'due_at', uuid_extract_timestamp(id), 'created_at', uuid_extract_timestamp(id),
           'updated_at', uuid_extract_timestamp(id))) as copy`
}
