/** Indexes of large tables, built before the migrations that make them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildAhead, plannedIndexes } from '../../app/db/build-ahead.ts'
import { migrate } from '../../app/db/migrate.ts'
import { type Migration, migrationsDirectory, readMigrations } from '../../app/db/migrations.ts'
import { emptyDatabase } from '../../app/db/testing.ts'

const TABLE = `
  CREATE TABLE events (id int, kind text) PARTITION BY RANGE (id);
  CREATE TABLE events_default PARTITION OF events DEFAULT;
  CREATE TABLE events_20261116 PARTITION OF events FOR VALUES FROM (0) TO (100);
  CREATE TABLE events_20261123 PARTITION OF events FOR VALUES FROM (100) TO (200);
  INSERT INTO events SELECT n % 200, 'view' FROM generate_series(1, 1000) n;`
const INDEX = `CREATE INDEX "events_kind_idx" ON "events"("kind", "id")\n    WHERE "kind" IS NOT NULL;`
/** An index that is being built and waits for a transaction that writes. */
const BUILDING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE 'create index concurrently%'`
const BUILT = ['events_kind_idx_20261116', 'events_kind_idx_20261123']

let database: { url: string; drop(): Promise<void> }
let directory: string
let client: pg.Client

beforeEach(async () => {
  database = await emptyDatabase()
  directory = await mkdtemp(path.join(os.tmpdir(), 'sluice-migrations-'))
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterEach(async () => {
  await client.end()
  await database.drop()
  await rm(directory, { recursive: true })
})

/** @returns what is to be applied, in a database that has the table */
async function upgrading(sql: string): Promise<readonly Migration[]> {
  await write('20260101000000_table', TABLE)
  await migrate(database.url, { directory })
  await write('20260102000000_index', sql)
  return (await readMigrations(directory)).slice(1)
}

async function write(name: string, sql: string): Promise<void> {
  await mkdir(path.join(directory, name), { recursive: true })
  await writeFile(path.join(directory, name, 'migration.sql'), sql)
}

type Index = { name: string; id: string; parent: string | null; valid: boolean }

async function indexes(): Promise<Index[]> {
  const { rows } = await client.query<Index>(
    `select c.relname as name, c.oid::text as id, p.relname as parent, x.indisvalid as valid
     from pg_index x join pg_class c on c.oid = x.indexrelid
     left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
     where c.relnamespace = 'public'::regnamespace and c.relname <> '_prisma_migrations_pkey' order by 1`,
  )
  return rows
}

/** @returns what was built while one had written and not committed yet, and another wrote */
async function builtAmongWriters(table: string, missing: readonly Migration[]): Promise<string[]> {
  await client.query(`BEGIN; INSERT INTO ${table} VALUES (1, 'open')`)
  const building = buildAhead(database.url, missing, 1)
  const other = new pg.Client({ connectionString: database.url, lock_timeout: 5_000 })
  await other.connect()
  await expect.poll(async () => (await other.query(BUILDING)).rowCount).toBe(1)
  expect((await other.query(`INSERT INTO ${table} VALUES (2, 'meanwhile')`)).rowCount).toBe(1)
  await client.query('COMMIT')
  await other.end()
  return (await building).built
}

describe('an index of a partitioned table', () => {
  it('is built before its migration, partition by partition, and taken over by it', async () => {
    const missing = await upgrading(INDEX)
    expect((await buildAhead(database.url, missing, 1)).built).toEqual(BUILT)
    const before = await indexes()
    expect(before.map(({ name, parent, valid }) => [name, parent, valid])).toEqual(
      BUILT.map(name => [name, null, true]),
    )
    await migrate(database.url, { directory })
    const after = await indexes()
    expect(after).toEqual([
      { name: 'events_default_kind_id_idx', id: expect.any(String), parent: 'events_kind_idx', valid: true },
      { name: 'events_kind_idx', id: expect.any(String), parent: null, valid: true },
      ...before.map(each => ({ ...each, parent: 'events_kind_idx' })),
    ])
  })

  it('that was left half-made is made again, and one that is whole is left as it is', async () => {
    const missing = await upgrading(INDEX)
    const [half, whole] = BUILT
    await client.query(`CREATE INDEX ${whole} ON events_20261123 (kind, id) WHERE kind IS NOT NULL`)
    // Fails at the second row that is the same, as a build that is broken off does somewhere.
    await expect(
      client.query(`CREATE UNIQUE INDEX CONCURRENTLY ${half} ON events_20261116 (kind)`),
    ).rejects.toThrow()
    expect((await indexes()).map(({ valid }) => valid)).toEqual([false, true])
    expect((await buildAhead(database.url, missing, 1)).built).toEqual([half])
    await migrate(database.url, { directory })
    expect((await indexes()).filter(({ valid }) => !valid)).toEqual([])
  })

  it('keeps nobody from writing while it is built', async () => {
    expect(await builtAmongWriters('events', await upgrading(INDEX))).toEqual(BUILT)
  })

  it('is left to its migration where the partitions are small, or lack the column as yet', async () => {
    const missing = await upgrading(
      `ALTER TABLE events ADD COLUMN mark text;\nCREATE INDEX events_mark_idx ON events(mark);`,
    )
    expect(await buildAhead(database.url, missing, 1)).toEqual({ built: [], waits: missing[0] })
    await write('20260103000000_more', INDEX)
    expect((await buildAhead(database.url, (await readMigrations(directory)).slice(2))).built).toEqual([])
    await migrate(database.url, { directory })
    expect((await indexes()).filter(({ parent, valid }) => parent === null && valid)).toHaveLength(2)
  })

  it('is built ahead also of a column that an earlier one of the missing migrations adds', async () => {
    await upgrading('ALTER TABLE events ADD COLUMN mark text;')
    await write('20260103000000_mark', 'CREATE INDEX events_mark_idx ON events(mark);')
    await write(
      '20260104000000_both',
      'ALTER TABLE events ADD b int; CREATE INDEX events_b_idx ON events(b);',
    )
    await write('20260105000000_last', INDEX)
    const { applied } = await migrate(database.url, { directory, leastBytes: 1 })
    expect(applied).toHaveLength(4)
    const ahead = (await indexes()).flatMap(({ name, parent }) =>
      /_\d{8}$/.test(name) && parent ? [name] : [],
    )
    expect(ahead).toEqual([...BUILT, 'events_mark_idx_20261116', 'events_mark_idx_20261123'])
  })

  it('that cannot be built stops the start, which says why, and leaves the migrations unapplied', async () => {
    await upgrading(`CREATE INDEX events_kind_idx ON events((1 / (id - id)));`)
    await client.query(`INSERT INTO events SELECT 1, repeat('x', 100) FROM generate_series(1, 100000)`)
    await expect(migrate(database.url, { directory })).rejects.toThrow(
      /^An index could not be built before the migrations that need it \(division by zero\); /,
    )
    const { rows } = await client.query(`SELECT migration_name FROM _prisma_migrations`)
    expect(rows).toEqual([{ migration_name: '20260101000000_table' }])
  })
})

describe('an index of a table that is not partitioned', () => {
  const ENTRIES = `CREATE TABLE audit_entries (id int, subject text);
    INSERT INTO audit_entries SELECT n, 'one' FROM generate_series(1, 1000) n;`
  const MADE = `CREATE INDEX IF NOT EXISTS "audit_entries_subject_idx" ON "audit_entries"("subject");`
  const missing = async (sql: string) => {
    await write('20260101000000_table', ENTRIES)
    await migrate(database.url, { directory })
    await write('20260102000000_index', sql)
    return (await readMigrations(directory)).slice(1)
  }

  it('keeps nobody from writing while it is built, and its migration finds it there', async () => {
    expect(await builtAmongWriters('audit_entries', await missing(MADE))).toEqual([
      'audit_entries_subject_idx',
    ])
    const before = await indexes()
    await migrate(database.url, { directory })
    expect(await indexes()).toEqual(before)
  })

  it('that was left half-made is made again, however small the table is, and one that is whole is left', async () => {
    const migrations = await missing(MADE)
    await expect(
      client.query('CREATE UNIQUE INDEX CONCURRENTLY audit_entries_subject_idx ON audit_entries (subject)'),
    ).rejects.toThrow()
    expect(await indexes()).toMatchObject([{ valid: false }])
    expect((await buildAhead(database.url, migrations)).built).toEqual(['audit_entries_subject_idx'])
    expect(await indexes()).toMatchObject([{ valid: true }])
    expect((await buildAhead(database.url, migrations, 1)).built).toEqual([])
  })

  it('is left to a migration that would not find it there, and where the table is small or not there yet', async () => {
    const migrations = await missing(MADE.replace('IF NOT EXISTS ', ''))
    expect((await buildAhead(database.url, migrations, 1)).built).toEqual([])
    const other = [{ name: 'x', sql: `${MADE}${MADE.replaceAll('audit_entries', 'nothing')}`, checksum: '' }]
    expect((await buildAhead(database.url, other)).built).toEqual([])
    await migrate(database.url, { directory })
    expect(await indexes()).toMatchObject([{ valid: true }])
  })
})

describe('a process that finds another migrating', () => {
  const LOCKED = `SELECT pg_advisory_lock(${0x736c75696365n})`
  const TRYING = `SELECT query_start FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_try_advisory_lock%' AND pid <> pg_backend_pid()`

  it('waits for as long as an index is being built, also when that is longer than its patience', async () => {
    await upgrading(INDEX)
    const [other, builder] = [1, 2].map(() => new pg.Client({ connectionString: database.url }))
    if (!other || !builder) throw new Error('there are two')
    await Promise.all([other.connect(), builder.connect()])
    await client.query(`BEGIN; INSERT INTO events VALUES (1, 'open')`)
    await other.query(LOCKED)
    const building = builder.query('CREATE INDEX CONCURRENTLY mine ON events_20261116 (kind)')
    await expect.poll(async () => (await other.query(BUILDING)).rowCount).toBe(1)
    const going = migrate(database.url, { directory, patienceMs: 0 })
    const asked = new Set<string>()
    await expect
      .poll(async () => {
        for (const { query_start } of (await other.query(TRYING)).rows) asked.add(String(+query_start))
        return asked.size
      })
      .toBeGreaterThan(2)
    await other.query('SELECT pg_advisory_unlock_all()')
    await client.query('COMMIT')
    await building
    expect((await going).applied).toHaveLength(1)
    await Promise.all([other.end(), builder.end()])
  })

  it('gives up on one that builds none, and says what to do', async () => {
    await upgrading(INDEX)
    await client.query(LOCKED)
    await expect(migrate(database.url, { directory, patienceMs: 0 })).rejects.toThrow(
      /is building no index; wait until it is done or end it/,
    )
  })
})

describe('the migrations', () => {
  it('make no index anew under a name that there was, which could not be built before', async () => {
    const all = await readMigrations(migrationsDirectory)
    const made = all.flatMap(({ name: of, sql }) =>
      [...sql.matchAll(/^ *CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?"?(\w+)"?/gim)].map(([, name]) => ({
        of,
        name,
      })),
    )
    const again = made.filter(({ name }, place) => made.findIndex(each => each.name === name) < place)
    // Those of before there was anything to build them ahead.
    expect(again.filter(({ of }) => of > '20261122')).toEqual([])
    expect(again.length).toBeGreaterThan(0)
  })

  it('let indexes of what support did and of what all shops have be built before', async () => {
    const planned = (await readMigrations(migrationsDirectory)).flatMap(plannedIndexes)
    const tables = ['audit_entries', 'connections', 'shops']
    expect(planned.filter(({ table }) => tables.includes(table)).map(({ name }) => name)).toEqual([
      ...['shops_domain_prefix_idx', 'shops_name_prefix_idx', 'audit_entries_at_idx', 'connections_held_idx'],
      ...['audit_entries_subject_id_idx', 'audit_entries_plain_idx', 'audit_entries_plain_actor_idx'],
      ...['connections_fleet_idx', 'connections_unnamed_idx'],
    ])
  })

  it('index no column in the script that adds it: nobody may read the table until that ends', async () => {
    const all = await readMigrations(migrationsDirectory)
    const both = all.filter(({ sql }) => {
      const added = [...sql.matchAll(/ADD COLUMN (?:IF NOT EXISTS )?"?(\w+)"?/gi)].map(([, column]) => column)
      const indexed = sql
        .match(/^ *CREATE (?:UNIQUE )?INDEX [^;]+;/gim)
        ?.join(' ')
        .match(/\w+/g)
      return added.some(column => column && indexed?.some(word => word === column))
    })
    const before = '20261122100000_shop_time_zone'
    expect(both.map(({ name }) => name).filter(name => name > before)).toEqual([])
    expect(both.length).toBeGreaterThan(0)
  })

  it('are read for indexes of tables that are divided into weeks, and for those that may be there', () => {
    const sql = `-- CREATE INDEX "no_idx" ON "events"("id");
      CREATE INDEX "one_idx" ON "deliveries" USING brin ("at") WITH (autosummarize = on);
      CREATE UNIQUE INDEX "unique_idx" ON "events"("id");
      CREATE INDEX "shops_idx" ON "shops"("id");
      CREATE INDEX IF NOT EXISTS "two_idx" ON "shops"("name");
      ${INDEX}`
    expect(plannedIndexes({ sql })).toEqual([
      { name: 'one_idx', table: 'deliveries', definition: 'USING brin ("at") WITH (autosummarize = on)' },
      { name: 'two_idx', table: 'shops', definition: '("name")' },
      {
        name: 'events_kind_idx',
        table: 'events',
        definition: `("kind", "id")\n    WHERE "kind" IS NOT NULL`,
      },
    ])
  })

  it('take over what is built of the indexes of orders and changes, each of them', async () => {
    const all = await readMigrations(migrationsDirectory)
    for (const { name, sql } of all) if (name <= '20261121190000_hold') await write(name, sql)
    await migrate(database.url, { directory })
    const missing = all.filter(({ name }) => name > '20261121190000_hold')
    await client.query(
      `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
       values (1, uuidv7(), 'order_created', 'webhook', 'one', now(), now(), '{}', '{"order": {"name": "#1"}}');
       insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
       select shop_id, id, 'ecomail', 'pending', '{}', now(), now(), now() from events`,
    )
    const { built } = await buildAhead(database.url, missing, 1)
    expect(built).toEqual([
      'deliveries_changed_idx_default',
      'events_orders_placed_idx_default',
      'events_order_named_idx_default',
      'events_order_folded_idx_default',
      'events_id_idx_default',
      'deliveries_failed_idx_default',
      'events_tests_idx_default',
    ])
    for (const { name, sql } of missing) await write(name, sql)
    await migrate(database.url, { directory })
    const of = new Map((await indexes()).map(index => [index.name, index]))
    // One was followed by another since.
    const kept = built.filter(name => name !== 'events_order_named_idx_default')
    expect(kept.map(name => of.get(name))).toMatchObject(
      kept.map(name => ({ parent: name.replace('_default', ''), valid: true })),
    )
  })
})
