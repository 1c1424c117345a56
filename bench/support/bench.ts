/** What a benchmark gets and gives. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, startChild } from './child.ts'
import { type BenchPostgres, query, startPostgres } from './postgres.ts'
import type { Handlers } from './rpc.ts'

/** One measured number. */
export type Figure = {
  name: string
  value: number
  /** A score is a number without a unit that need not be whole. */
  unit: '/s' | 'ms' | 'MB' | 'B' | 'ratio' | 'count' | 'score'
  /** What it should at least, or at most, be. */
  aim?: { least: number } | { most: number }
}

/** `run` gives what was measured, the ratios among it; its notes say what a reader must know of this run. */
export type Suite = {
  id: string
  about: string
  run(bench: Bench): Promise<{ figures: Figure[]; notes?: string[] }>
}

export type Options = {
  /** Seconds and counts so small that a test can wait for it; the figures say nothing. */
  quick: boolean
  /** Where profiles of the app's processes go; null: none are made. */
  profiles: string | null
  /** Lifts the vendors' limits where a benchmark would keep them. */
  lifted: boolean
}

export type Bench = Options & {
  postgres: BenchPostgres
  /** Starts a child process that ends with this benchmark. @param env of the app, or what the child needs */
  start<H extends Handlers>(file: string, name: string, env?: Record<string, string>): Promise<Child<H>>
  /** Tells the person who waits. */
  say(text: string): void
}

/** Runs one benchmark on a PostgreSQL of its own. What it started is ended, also when it fails. */
export async function runSuite(suite: Suite, options: Options): ReturnType<Suite['run']> {
  const logs = mkdtempSync(join(tmpdir(), 'sluice-bench-logs-'))
  const say = (text: string) => console.error(`  ${suite.id}: ${text}`)
  const postgres = await startPostgres({ profile: options.profiles !== null })
  const children: Child<Handlers>[] = []
  try {
    return await suite.run({
      ...options,
      postgres,
      say,
      async start<H extends Handlers>(file: string, name: string, env = {}) {
        const flags = [
          '--expose-gc',
          '--max-semi-space-size=64',
          ...profileFlags(options.profiles, suite.id, name),
        ]
        const child = await startChild<H>(file, { logs, name, env, flags })
        children.push(child as unknown as Child<Handlers>)
        return child
      },
    })
  } finally {
    await Promise.all(children.map(child => child.end()))
    if (options.profiles)
      await saveStatements(postgres.url, join(options.profiles, `${suite.id}-statements.json`))
    await postgres.stop()
    rmSync(logs, { recursive: true, force: true })
  }
}

function profileFlags(folder: string | null, suite: string, name: string): string[] {
  if (folder === null) return []
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${suite}-${name}.cpuprofile`]
}

/** What PostgreSQL counted, by database and statement, the costliest first; times are in milliseconds. */
async function saveStatements(url: string, file: string): Promise<void> {
  const statements = await query(
    url,
    `select d.datname as database, s.calls::int, s.rows::int, s.total_exec_time as ms, s.mean_exec_time as mean_ms,
            s.wal_bytes::float8, s.shared_blks_dirtied::int, s.query
     from pg_stat_statements s join pg_database d on d.oid = s.dbid
     order by s.total_exec_time desc limit 200`,
  )
  writeFileSync(file, JSON.stringify(statements, null, 2))
}
