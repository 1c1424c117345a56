/** Databases for integration tests: one server per run, one fresh, migrated database per test file. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { type Database, openDatabase } from './database.ts'
import { migrate } from './migrate.ts'
import { ensurePartitions } from './partitions.ts'

/** What the run's setup (tests/setup/postgres.ts) provides to every test file. */
export type TestServer = {
  /** Connection string of a superuser's database on the server */
  url: string
  /** Name of the migrated database that fresh ones are copied from */
  template: string
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: TestServer
  }
}

/** A database of one test file. */
export type TestDatabase = {
  url: string
  database: Database
  /** Closes the database and deletes it */
  drop(): Promise<void>
}

/** Migrates a template on a server, for `testDatabase` to copy. Call once per run. */
export async function createTemplate(url: string): Promise<TestServer> {
  const template = name('template')
  await onServer(url, client => client.query(`CREATE DATABASE ${template}`))
  await migrate(urlOf(url, template))
  const database = openDatabase(urlOf(url, template))
  await ensurePartitions(database.pool, new Date())
  await database.close()
  return { url, template }
}

/** Deletes the template again. */
export async function dropTemplate({ url, template }: TestServer): Promise<void> {
  await onServer(url, client => client.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`))
}

/** A fresh copy of the template (about 50 ms): `const test = await testDatabase()` in a file's `beforeAll`. */
export async function testDatabase(): Promise<TestDatabase> {
  const { url, template } = inject('postgres')
  const copy = name('test')
  await onServer(url, client => client.query(`CREATE DATABASE ${copy} TEMPLATE ${template}`))
  const database = openDatabase(urlOf(url, copy))
  return {
    url: urlOf(url, copy),
    database,
    async drop() {
      await database.close()
      await onServer(url, client => client.query(`DROP DATABASE IF EXISTS ${copy} WITH (FORCE)`))
    },
  }
}

/** An empty database without any table, for tests of the migrations themselves. */
export async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { url } = inject('postgres')
  const empty = name('empty')
  await onServer(url, client => client.query(`CREATE DATABASE ${empty} TEMPLATE template0`))
  return {
    url: urlOf(url, empty),
    drop: () => onServer(url, client => client.query(`DROP DATABASE IF EXISTS ${empty} WITH (FORCE)`)),
  }
}

/** Unique, also among runs that share a server. */
function name(kind: string): string {
  return `sluice_${kind}_${randomUUID().replaceAll('-', '')}`
}

function urlOf(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

/**
 * Empties every table but that of the migrations, and but those named; triggers that refuse it are passed by. By deleting: to truncate
 * some tables of many partitions and indexes takes a hundred times as long.
 */
export async function emptyTables(pool: pg.Pool, but: readonly string[] = []): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
       and relname <> '_prisma_migrations' and relname <> all($1)`,
    [but],
  )
  const deletions = rows.map(({ name }) => `delete from ${name}`).join(';')
  await pool.query(`begin; set local session_replication_role = replica; ${deletions}; commit`)
}

/** How many sessions of this database wait for a lock that another one holds. `pg_locks` tells of every database, and so of other tests. */
export async function waitingForLocks(pool: pg.Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rowCount ?? 0
}
