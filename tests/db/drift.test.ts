/** The migrations and prisma/schema.prisma must say the same, but for what Prisma has no words for. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schemaDifference } from '../../app/db/drift.ts'
import { noFilters, openSchemaEngine } from '../../app/db/engine.ts'
import { migrate } from '../../app/db/migrate.ts'
import { migrationsDirectory } from '../../app/db/migrations.ts'
import { emptyDatabase } from '../../app/db/testing.ts'

const schemaFile = path.join(import.meta.dirname, '../../prisma/schema.prisma')

/** Indexes and constraints that the migrations add by hand, or with more than a schema can say. */
const BY_HAND = [
  'alert_notices_waiting_idx',
  'alerts_open_idx',
  'audit_entries_plain_actor_idx',
  'audit_entries_plain_idx',
  'checkouts_due_idx',
  'connections_attention_idx',
  'connections_held_idx',
  'connections_unnamed_idx',
  'customers_merged_idx',
  'deliveries_changed_idx',
  'deliveries_dead_idx',
  'deliveries_failed_idx',
  'deliveries_held_idx',
  'deliveries_replay_idx',
  'deliveries_skipped_idx',
  'deliveries_state_check',
  'deliveries_unknown_idx',
  'deliveries_visitor_idx',
  'deliveries_waiting_idx',
  'events_email_idx',
  'events_order_folded_idx',
  'events_orders_placed_idx',
  'events_tests_idx',
  'events_visitor_idx',
  'fleet_actions_running_idx',
  'lane_health_again_idx',
  'lane_health_delivered_idx',
  'lane_health_failed_idx',
  'lane_health_held_idx',
  'lane_health_oldest_held_idx',
  'lane_health_oldest_idx',
  'lane_health_waiting_idx',
  'privacy_requests_to_erase_idx',
  'rollups_name_check',
  'shops_domain_prefix_idx',
  'shops_name_prefix_idx',
  'shops_search_idx',
  'shops_zone_moved_idx',
  'spool_failed_idx',
  'spool_shop_failed_idx',
]

/** Partitions are left out: they have what their table has. */
const OBJECTS = `
  WITH partitions AS (SELECT relname FROM pg_class WHERE relispartition)
  SELECT indexname AS name, replace(indexdef, ' ON ONLY ', ' ON ') AS definition FROM pg_indexes
   WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' AND tablename NOT IN (TABLE partitions)
  UNION ALL
  SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
   WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid::regclass::text <> '_prisma_migrations'
     AND conrelid::regclass::text NOT IN (TABLE partitions)
  UNION ALL
  SELECT table_name || '.' || column_name, concat_ws(' ', udt_name, datetime_precision, is_nullable, column_default)
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
     AND table_name NOT IN (TABLE partitions)
  ORDER BY 1, 2`

let schema: string
let migrated: { url: string; drop(): Promise<void> }
let declared: { url: string; drop(): Promise<void> }

beforeAll(async () => {
  schema = await readFile(schemaFile, 'utf8')
  ;[migrated, declared] = await Promise.all([emptyDatabase(), emptyDatabase()])
  await migrate(migrated.url)
  await build(declared.url, schema)
})

afterAll(() => Promise.all([migrated.drop(), declared.drop()]))

/** Makes what a schema declares, without migrations. */
async function build(url: string, text: string): Promise<void> {
  const engine = await openSchemaEngine(url)
  const files = [{ path: 'schema.prisma', content: text }]
  const { stdout } = await engine.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files },
    script: true,
    exitCode: null,
    filters: noFilters,
  })
  await engine.close()
  await query(url, stdout ?? '')
}

async function query(url: string, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql, values)).rows
  } finally {
    await client.end()
  }
}

describe('migrations and schema', () => {
  it('leave no difference to migrate', async () => {
    expect(await schemaDifference(migrated.url, migrationsDirectory, schema)).toBe('')
  })

  it('build the same tables, indexes and constraints, but for those named here', async () => {
    const ours = await query(migrated.url, OBJECTS)
    const byHand = ours.filter(({ name }) => BY_HAND.includes(String(name)))
    expect(byHand.map(({ name }) => name)).toEqual(BY_HAND)
    const theirs = await query(declared.url, OBJECTS)
    expect(ours.filter(each => !byHand.includes(each))).toEqual(
      theirs.filter(({ name }) => !BY_HAND.includes(String(name))),
    )
  })

  it('would be seen to differ', async () => {
    const changed = schema.replace('/// "name.myshopify.com"', 'plan String?')
    const sql = await schemaDifference(migrated.url, migrationsDirectory, changed)
    expect(sql).toContain('ALTER TABLE "shops" ADD COLUMN     "plan" TEXT')
  })
})

describe('what is written by hand', () => {
  it('indexes what waits, for what reason ever, what is held and what is dead in a lane', async () => {
    const indexes = await query(
      migrated.url,
      `SELECT DISTINCT indexdef FROM pg_indexes WHERE indexdef LIKE '% ON ONLY % WHERE %'`,
    )
    const waiting = "WHERE (state = ANY (ARRAY['pending'::text, 'retry'::text]))"
    const ofDeliveries = indexes.filter(({ indexdef }) => String(indexdef).includes('.deliveries '))
    expect(
      ofDeliveries.map(({ indexdef }) => String(indexdef).replace(/^.* USING btree /, '')).sort(),
    ).toEqual([
      '(shop_id, replay_id, state, event_id) WHERE (replay_id IS NOT NULL)',
      "(shop_id, vendor, event_id) WHERE (state = 'dead'::text)",
      "(shop_id, vendor, event_id) WHERE (state = 'held'::text)",
      "(shop_id, vendor, event_id) WHERE (state = 'waiting'::text)",
      `(shop_id, vendor, priority, event_id) ${waiting}`,
      "(shop_id, vendor, reason, event_id) WHERE (state = 'skipped'::text)",
      "(shop_id, visitor_id, vendor, event_id) WHERE (state = 'waiting'::text)",
      "(vendor, state, event_id) WHERE (state = ANY (ARRAY['retry'::text, 'dead'::text]))",
    ])
  })

  it.each([
    ['deliveries_state_check', ['pending', 'retry', 'waiting', 'delivered', 'skipped', 'dead', 'held']],
  ])('lets %s pass the states that there are and no other', async (name, states) => {
    const [check] = await query(
      migrated.url,
      `SELECT pg_get_expr(conbin, conrelid) AS expression FROM pg_constraint WHERE conname = '${name}'`,
    )
    const passes = `SELECT count(*)::int AS passed FROM unnest($1::text[]) AS row(state) WHERE ${check?.expression}`
    expect(await query(migrated.url, passes, [states])).toEqual([{ passed: states.length }])
    expect(await query(migrated.url, passes, [['lost', '', 'Pending']])).toEqual([{ passed: 0 }])
  })
})
