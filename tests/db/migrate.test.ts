import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MigrationError, migrate } from '../../app/db/migrate.ts'
import { migrationsDirectory, readMigrations } from '../../app/db/migrations.ts'
import { emptyDatabase } from '../../app/db/testing.ts'
import { firstLine, runFixture } from './child.ts'
import { ask } from './scratch.ts'

let database: { url: string; drop(): Promise<void> }
let directory: string

beforeEach(async () => {
  database = await emptyDatabase()
  directory = await mkdtemp(path.join(os.tmpdir(), 'sluice-migrations-'))
})

afterEach(async () => {
  await database.drop()
  await rm(directory, { recursive: true })
})

async function write(name: string, sql: string): Promise<void> {
  await mkdir(path.join(directory, name), { recursive: true })
  await writeFile(path.join(directory, name, 'migration.sql'), sql)
}

/** The message of the MigrationError that migrating throws. */
async function refusal(): Promise<string> {
  try {
    await migrate(database.url, { directory })
  } catch (error) {
    if (error instanceof MigrationError) return error.message
    throw error
  }
  throw new Error('expected a MigrationError')
}

const all = async () => (await readMigrations(migrationsDirectory)).map(({ name }) => name)

describe('migrate', () => {
  it('applies all migrations to an empty database, then has nothing to do', async () => {
    expect(await migrate(database.url)).toEqual({ applied: await all() })
    expect(await migrate(database.url)).toEqual({ applied: [] })
    expect(await ask(database.url, "SELECT to_regclass('deliveries') IS NOT NULL")).toBe(true)
  })

  it('lets one of two concurrent calls apply and the other wait', async () => {
    const results = await Promise.all([migrate(database.url), migrate(database.url)])
    expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, (await all()).length])
  })

  it('lets one of two processes apply and the other wait', async () => {
    const children = [1, 2].map(() => runFixture('migrate', [database.url]))
    const results = await Promise.all(children.map(firstLine))
    await Promise.all(children.map(child => child.exited))
    const applied = results.map(result => result.applied)
    expect(applied).toContainEqual(await all())
    expect(applied).toContainEqual([])
  })

  it('waits for a migration that another process is applying, instead of calling it failed', async () => {
    await migrate(database.url)
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    await other.query('SELECT pg_advisory_lock($1)', [0x736c75696365n])
    await other.query('UPDATE _prisma_migrations SET finished_at = NULL')
    const waiting = migrate(database.url)
    const asks = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_try_advisory%'`
    await Promise.race([waiting, vi.waitUntil(async () => (await other.query(asks)).rowCount === 1)])
    await other.query('UPDATE _prisma_migrations SET finished_at = now()')
    await other.end()
    expect(await waiting).toEqual({ applied: [] })
  })

  it('waits for the lock without a snapshot, for which an index built concurrently would wait', async () => {
    const holder = new pg.Client({ connectionString: database.url })
    await holder.connect()
    await holder.query('CREATE SCHEMA other CREATE TABLE busy (id int)')
    await holder.query('SELECT pg_advisory_lock($1)', [0x736c75696365n])
    const waiting = migrate(database.url)
    await holder.query('CREATE INDEX CONCURRENTLY busy_idx ON other.busy (id)')
    await holder.query('SELECT pg_advisory_unlock_all()')
    await holder.end()
    expect(await waiting).toEqual({ applied: await all() })
  })

  it('writes the table of Prisma with its checksums', async () => {
    await write('20260101000000_one', 'CREATE TABLE one (id int);\n')
    await migrate(database.url, { directory })
    expect(
      await ask(
        database.url,
        `SELECT checksum = encode(sha256('CREATE TABLE one (id int);\n'), 'hex') FROM _prisma_migrations`,
      ),
    ).toBe(true)
  })

  it('applies what is new, in order', async () => {
    await write('20260101000000_one', 'CREATE TABLE one (id int);')
    await migrate(database.url, { directory })
    await write('20260103000000_three', 'CREATE TABLE three (id int REFERENCES two);')
    await write('20260102000000_two', 'CREATE TABLE two (id int PRIMARY KEY);')
    expect(await migrate(database.url, { directory })).toEqual({
      applied: ['20260102000000_two', '20260103000000_three'],
    })
  })

  it('does not cut a script at semicolons in comments and strings', async () => {
    await write('20260101000000_one', "-- first; second\nCREATE TABLE one (id text DEFAULT ';');")
    await migrate(database.url, { directory })
    expect(await ask(database.url, 'INSERT INTO one DEFAULT VALUES RETURNING id')).toBe(';')
  })

  it('goes on when the database has newer migrations than the program', async () => {
    await write('20260101000000_one', 'CREATE TABLE one (id int);')
    await write('20260102000000_two', 'CREATE TABLE two (id int);')
    await migrate(database.url, { directory })
    await rm(path.join(directory, '20260102000000_two'), { recursive: true })
    expect(await migrate(database.url, { directory })).toEqual({ applied: [] })
  })
})

describe('a migration that fails', () => {
  beforeEach(() => write('20260101000000_bad', 'CREATE TABLE one (id int); CREATE TABLE two (id nonsense);'))

  it('leaves nothing of it and says what to do', async () => {
    expect(await refusal()).toMatch(
      /^The migration "20260101000000_bad" failed and was rolled back \(type "nonsense" does not exist\); .*DELETE FROM _prisma_migrations.*start again\.$/,
    )
    expect(await ask(database.url, "SELECT to_regclass('one') IS NULL")).toBe(true)
  })

  it('stops every later start with the same remedy', async () => {
    await refusal()
    expect(await refusal()).toMatch(
      /^The migration "20260101000000_bad" failed earlier \(type "nonsense" does not exist\); .*start again\.$/,
    )
  })

  it('is applied once the remedy was followed', async () => {
    const remedy = /run "(DELETE [^"]+)"/.exec(await refusal())?.[1] ?? ''
    await ask(database.url, remedy)
    await write('20260101000000_bad', 'CREATE TABLE one (id int);')
    expect(await migrate(database.url, { directory })).toEqual({ applied: ['20260101000000_bad'] })
  })
})

describe('a migration that was edited after it was applied', () => {
  it('stops the start and says what to do', async () => {
    await write('20260101000000_one', 'CREATE TABLE one (id int);')
    await migrate(database.url, { directory })
    await write('20260101000000_one', 'CREATE TABLE one (id bigint);')
    expect(await refusal()).toMatch(
      /^The migration "20260101000000_one" was changed .*restore .*new migration\.$/,
    )
  })
})

describe('a database with tables of another program', () => {
  it('is left alone', async () => {
    await ask(database.url, 'CREATE TABLE theirs (id int)')
    await write('20260101000000_one', 'CREATE TABLE one (id int);')
    expect(await refusal()).toMatch(/^The database has tables .*DATABASE_URL to a database of its own\.$/)
    expect(await ask(database.url, "SELECT to_regclass('one') IS NULL")).toBe(true)
  })
})

describe('the migrations folder', () => {
  it('has the form that the Prisma command line expects', async () => {
    expect(await readFile(path.join(migrationsDirectory, 'migration_lock.toml'), 'utf8')).toContain(
      'provider = "postgresql"',
    )
    for (const name of await all()) expect(name).toMatch(/^\d{14}_[a-z0-9_]+$/)
  })

  it('has no script any more that drops an index of events and builds one: nobody could read until it is built', async () => {
    for (const name of (await all()).filter(each => each > '20261122')) {
      const script = await readFile(path.join(migrationsDirectory, name, 'migration.sql'), 'utf8')
      const isDropping = /DROP INDEX "?events_/.test(script)
      expect([name, isDropping && /CREATE (UNIQUE )?INDEX/.test(script)]).toEqual([name, false])
    }
  })
})
