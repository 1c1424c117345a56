import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { buildAhead } from './build-ahead.ts'
import { noFilters, openSchemaEngine } from './engine.ts'
import { type Migration, migrationsDirectory, readMigrations, toMigrationList } from './migrations.ts'

/** Any constant will do, if nothing else in the database locks it: "sluice" in ASCII. */
const LOCK = 0x736c75696365n
const LOCK_POLL_MS = 50
/** For so long another process may have the lock without building an index. */
const LOCK_PATIENCE_MS = 5 * 60_000

/** Prisma's code for tables without a history of migrations. */
const NOT_EMPTY = 'P3005'

/** The database cannot be migrated as it is. The message says in one sentence what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

/** A row of Prisma's table, the last one of its name. */
type Applied = { name: string; checksum: string; finished: boolean; logs: string | null }

/**
 * Brings a database to the newest migration. Safe to call from many processes at once: one applies, the others
 * wait for it. Nothing to do costs one connection and one query (about 10 ms), without loading the engine.
 * @param url connection string; a direct one, since a transaction pooler breaks the session's lock
 * @param directory the migrations, in Prisma's standard form
 * @param patienceMs for tests: how long another process is waited for that builds no index
 * @param leastBytes for tests: of smaller tables and partitions no index is built ahead
 * @returns the names of the migrations that this call applied, in order
 * @throws MigrationError when a migration failed, now or earlier, or was edited after it was applied
 */
export async function migrate(
  url: string,
  {
    directory = migrationsDirectory,
    patienceMs = LOCK_PATIENCE_MS,
    leastBytes,
  }: { directory?: string; patienceMs?: number; leastBytes?: number } = {},
): Promise<{ applied: string[] }> {
  const migrations = await readMigrations(directory)
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    if ((await behind(client, migrations, false)).length === 0) return { applied: [] }
    await lock(client, patienceMs)
    const applied: string[] = []
    for (;;) {
      const missing = await behind(client, migrations, true)
      if (missing.length === 0) return { applied }
      const next = await prepare(url, missing, leastBytes)
      applied.push(...(await apply(url, directory, migrations.slice(0, migrations.indexOf(next) + 1))))
    }
  } finally {
    await client.end()
  }
}

/**
 * @param locked whether this process holds the lock: only then is an unfinished migration a failed one; without
 * it another process may be applying it at this moment
 * @returns what is still to be applied
 */
async function behind(
  client: pg.Client,
  migrations: readonly Migration[],
  locked: boolean,
): Promise<readonly Migration[]> {
  const applied = new Map((await readApplied(client)).map(row => [row.name, row]))
  const unfinished = [...applied.values()].find(row => !row.finished)
  if (unfinished && !locked) return migrations
  if (unfinished) throw new MigrationError(failedEarlier(unfinished.name, unfinished.logs))
  for (const { name, checksum } of migrations) {
    const row = applied.get(name)
    if (row && row.checksum !== checksum) throw new MigrationError(edited(name))
  }
  return migrations.filter(({ name }) => !applied.has(name))
}

async function readApplied(client: pg.Client): Promise<Applied[]> {
  const table = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`)
  if (!table.rows[0]?.there) return []
  const { rows } = await client.query(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished, logs
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  )
  return rows
}

/**
 * Takes the lock by asking again and again: a session that waits inside PostgreSQL holds a snapshot, for which a
 * migration's CREATE INDEX CONCURRENTLY would wait in turn, for ever. An index that another process builds is waited for however
 * long it takes: of large tables, or behind somebody's long transaction, that may be hours.
 */
async function lock(client: pg.Client, patienceMs: number): Promise<void> {
  let deadline = Date.now() + patienceMs
  for (;;) {
    const { rows } = await client.query<{ locked: boolean; building: boolean }>(TRY_LOCK, [LOCK])
    if (rows[0]?.locked) return
    if (rows[0]?.building) deadline = Date.now() + patienceMs
    else if (Date.now() >= deadline) break
    await delay(LOCK_POLL_MS)
  }
  throw new MigrationError(
    `Another process has been migrating this database for ${LOCK_PATIENCE_MS / 60_000} minutes and is building no index; wait until it is done or end it, then start again.`,
  )
}

const TRY_LOCK = `SELECT pg_try_advisory_lock($1) AS locked,
  EXISTS (SELECT FROM pg_stat_progress_create_index WHERE datname = current_database()) AS building`

/**
 * Large indexes are built while others write.
 * @returns the last migration to apply before there is more to build: the one after it has an index of what those before it still make
 */
async function prepare(url: string, missing: readonly Migration[], leastBytes?: number): Promise<Migration> {
  try {
    const { waits } = await buildAhead(url, missing, leastBytes)
    // One that indexes what it makes itself cannot be helped, but those after it can.
    const last = waits === null ? missing.at(-1) : missing[Math.max(0, missing.indexOf(waits) - 1)]
    if (!last) throw new Error('there is nothing to migrate')
    return last
  } catch (error) {
    throw new MigrationError(
      `An index could not be built before the migrations that need it (${databaseMessage(error instanceof Error ? error.message : String(error))}); set this right and start again.`,
      { cause: error },
    )
  }
}

async function apply(url: string, directory: string, migrations: readonly Migration[]): Promise<string[]> {
  const engine = await openSchemaEngine(url)
  try {
    const migrationsList = toMigrationList(directory, migrations)
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: noFilters })
    return appliedMigrationNames
  } catch (error) {
    throw new MigrationError(failedNow(error), { cause: error })
  } finally {
    await engine.close()
  }
}

/** The line of PostgreSQL in the engine's report, which has a trace of its own parts around it. */
function databaseMessage(report: string): string {
  const lines = report.split('\n').map(line => line.trim())
  const told = lines.find(line => line.includes('ERROR:')) ?? lines[0] ?? ''
  return told.replace(/^.*ERROR: */, '').replace(/[.\s]+$/, '')
}

function failedNow(error: unknown): string {
  const report = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && 'code' in error && error.code === NOT_EMPTY) {
    return 'The database has tables that are not of this program; set DATABASE_URL to a database of its own.'
  }
  const name = /migration_name="([^"]+)"/.exec(report)?.[1]
  if (!name)
    return `The database could not be migrated (${databaseMessage(report)}); set this right and start again.`
  return `The migration "${name}" failed and was rolled back (${databaseMessage(report)}); ${repair(name)}.`
}

function failedEarlier(name: string, logs: string | null): string {
  const why = logs ? ` (${databaseMessage(logs)})` : ', and the process that applied it did not finish'
  return `The migration "${name}" failed earlier${why}; ${repair(name)}.`
}

function repair(name: string): string {
  return `remove the cause, run "DELETE FROM _prisma_migrations WHERE migration_name = '${name}' AND finished_at IS NULL" and start again`
}

function edited(name: string): string {
  return `The migration "${name}" was changed after this database had applied it; restore its migration.sql and put the change into a new migration.`
}
