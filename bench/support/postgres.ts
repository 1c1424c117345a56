/** PostgreSQL for a benchmark: the embedded server as production starts it (fsync on), in a folder of its own. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { removeEmbedded, startEmbedded } from '../../app/db/embedded/index.ts'
import { migrate } from '../../app/db/migrate.ts'

export type BenchPostgres = {
  /** A superuser's database. */
  url: string
  /** A fresh, migrated database. @returns its connection string */
  database(name: string): Promise<string>
  /** Stops the server and deletes everything. */
  stop(): Promise<void>
}

/** What a profile needs of the server: which statements took how long. */
const PROFILED = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
  track_io_timing: 'on',
  track_wal_io_timing: 'on',
}

export async function startPostgres({ profile }: { profile: boolean }): Promise<BenchPostgres> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  // Started by root, the server's user has to pass through it.
  chmodSync(dataDir, 0o711)
  const server = await startEmbedded({ dataDir, settings: profile ? PROFILED : {} })
  if (profile) await query(server.url, 'create extension if not exists pg_stat_statements')
  return {
    url: server.url,
    async database(name) {
      await query(server.url, `drop database if exists ${name} with (force)`)
      await query(server.url, `create database ${name}`)
      const url = new URL(server.url)
      url.pathname = `/${name}`
      await migrate(url.href)
      return url.href
    },
    async stop() {
      await server.stop()
      await removeEmbedded(dataDir)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/**
 * Tells the planner what the tables hold, as autovacuum does within a minute or so: a run that is shorter would
 * measure plans made for empty tables.
 */
export async function analyse(url: string): Promise<void> {
  await query(url, 'analyze')
}

/** One statement on a connection of its own, without a limit of time. @returns the rows */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text, [...values])).rows
  } finally {
    await client.end()
  }
}
