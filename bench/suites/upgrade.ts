/** How long an upgrade keeps others from writing: the migrations since a version with millions of rows, beside one that goes on accepting. */
import pg from 'pg'
import { migrate } from '../../app/db/migrate.ts'
import { fillBefore } from '../support/before-upgrade.ts'
import type { Suite } from '../support/bench.ts'
import { query } from '../support/postgres.ts'

/** The last version without counts by day, and without a console. */
const BEFORE = '20261121190000_hold'
const WEEKS = 12

export const upgrade: Suite = {
  id: 'upgrade',
  about: 'how long the newest migrations keep others from writing, with millions of rows',
  async run(bench) {
    const events = bench.quick ? 20_000 : 2_000_000
    const deliveries = events * 2.5
    const shops = bench.quick ? 100 : 10_000
    const url = new URL(bench.postgres.url)
    url.pathname = '/upgrade'
    await query(bench.postgres.url, 'create database upgrade')
    const started = Date.now()
    await fillBefore(url.href, { migration: BEFORE, events, deliveries, shops, weeks: WEEKS })
    bench.say(`${events} events inserted in ${((Date.now() - started) / 1000).toFixed(0)} s`)
    const writer = await startWriter(url.href)
    const began = performance.now()
    const { applied } = await migrate(url.href)
    const ms = performance.now() - began
    const longest = await writer.stop()
    return {
      figures: [
        { name: `${applied.length} migrations`, value: ms, unit: 'ms' },
        { name: 'longest write meanwhile', value: longest, unit: 'ms', aim: { most: 2_000 } },
      ],
      notes: [
        `${events} events and ${deliveries} deliveries in ${WEEKS} weeks, ${shops} shops with 4 tools each`,
      ],
    }
  },
}

const ACCEPT = `
  with event as (
    insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
    values (1, uuidv7(), 'order_created', 'webhook', 'live', now(), now(), '{}', '{}') returning shop_id, id)
  insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
  select shop_id, id, vendor, 'pending', '{}', now(), now(), now() from event, unnest(array['ecomail', 'topmail']) vendor`

/** Writes an event and its deliveries again and again, and a time of the shop, as webhooks and storefronts have it done. */
async function startWriter(url: string): Promise<{ stop(): Promise<number> }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  let stopped = false
  let longest = 0
  const writing = (async () => {
    while (!stopped) {
      const started = performance.now()
      await client.query(ACCEPT)
      await client.query('update shops set release_within_days = 7 where id = 1')
      longest = Math.max(longest, performance.now() - started)
    }
  })()
  return {
    async stop() {
      stopped = true
      await writing
      await client.end()
      return longest
    },
  }
}
