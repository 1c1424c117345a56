/** What every command needs: the store, opened for the moment, and output as text or JSON. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { SLUICE } from '../command-line.ts'
import { type Config, readConfig } from '../config.ts'
import { type Engine, startEngine } from '../delivery/engine.ts'
import type { Lane } from '../delivery/lane.ts'
import type { Log } from '../log.ts'
import { openStore, type Store } from '../runtime/services.ts'
import { type Shop, shopByDomain } from '../shopify/shops.ts'
import { Failure } from './failure.ts'
import { commandLog } from './trouble.ts'

/** Where `npm run demo` leaves its settings, so that the command line finds its shop. */
const DEMO_SETTINGS = resolve(import.meta.dirname, '../../.data/demo/settings.json')

export type Context = {
  store: Store
  config: Config
  log: Log
  signal(lanes: readonly Lane[]): Promise<void>
  lanesWithJobs: Engine['lanesWithJobs']
}

/** Settings that only the server needs, so that the command line works without them. */
export const NOT_NEEDED = {
  SHOPIFY_API_KEY: 'unused',
  SHOPIFY_API_SECRET: 'unused',
  SHOPIFY_APP_URL: 'http://localhost',
  SCOPES: 'unused',
}

function commandConfig(): Config {
  const isDemo = !process.env.SLUICE_SECRETS_KEYS && !process.env.DATABASE_URL && !process.env.DATA_DIR
  if (isDemo && !existsSync(DEMO_SETTINGS)) {
    throw new Failure(
      'SLUICE_SECRETS_KEYS is not set, and no demo was started here: run "npm run demo", or set it to the id:key that the server uses.',
    )
  }
  if (isDemo) {
    console.error("(SLUICE_SECRETS_KEYS is not set: using the demo's shop and database)")
    return readConfig({
      ...NOT_NEEDED,
      ...JSON.parse(readFileSync(DEMO_SETTINGS, 'utf8')),
      LOG_LEVEL: process.env.LOG_LEVEL || 'error',
    })
  }
  const set = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''))
  return readConfig({ ...NOT_NEEDED, ...set, LOG_LEVEL: set.LOG_LEVEL ?? 'error' })
}

/** Opens the store, runs the command and closes what was opened, whatever happens. */
export async function withContext(run: (context: Context) => Promise<void>): Promise<void> {
  const config = commandConfig()
  const log = commandLog(config.logLevel)
  const store = await openStore(config, log)
  let starting: Promise<Engine> | null = null
  const engine = () => {
    starting ??= startEngine(store.databaseUrl, log, false)
    return starting
  }
  try {
    await run({
      store,
      config,
      log,
      async signal(lanes) {
        for (const lane of lanes) await (await engine()).signal(lane)
      },
      lanesWithJobs: async () => (await engine()).lanesWithJobs(),
    })
  } finally {
    const started = starting as Promise<Engine> | null
    await (await started)?.stop()
    await store.close()
  }
}

/** @throws Failure that says how to make the shop known */
export async function shopNamed(store: Store, domain: string): Promise<Shop> {
  const shop = await shopByDomain(store.database.prisma, domain.toLowerCase())
  if (!shop)
    throw new Failure(
      `There is no shop ${domain}; "${SLUICE} shops" lists those there are, "${SLUICE} shop add ${domain}" adds it.`,
    )
  return shop
}

/**
 * Prints `value` as JSON when the command was given --json, else what `text` makes of it, without control
 * characters: a vendor's words could steer the terminal by them.
 */
export function print<T>(command: Command, value: T, text: (value: T) => string): void {
  const asJson = command.optsWithGlobals<{ json?: boolean }>().json
  console.log(asJson ? JSON.stringify(value, null, 2) : printable(text(value)))
}

/** Without control characters but for line breaks. */
export const printable = (text: string): string => text.replace(/[^\P{Cc}\n]/gu, '')

/** How wide the columns of a table are, in characters. */
export const widthsOf = (header: readonly string[], rows: readonly (readonly string[])[]): number[] =>
  header.map((title, i) => rows.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), title.length))

/** Left-aligned columns under a header, or the given sentence when there are no rows. @param widths of a table that goes on */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
  widths = widthsOf(header, rows),
): string {
  if (rows.length === 0) return empty
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(header), ...rows.map(line)].join('\n')
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** What is shown is in UTC, and so is what is given without a zone. */
function asUtc(value: string): Date {
  const [, day, time, zone = 'Z'] = /^(\d{4}-\d{2}-\d{2})(T[\d:.]+)?(Z|[+-]\d{2}:?\d{2})?$/i.exec(value) ?? []
  return new Date(day === undefined ? Number.NaN : time === undefined ? day : `${day}${time}${zone}`)
}

/** "2026-11-20", "2026-11-20T12:00:00Z", or how long ago: "90m", "24h", "7d". @throws Failure */
export function timeOption(name: string): (value: string) => Date {
  return value => timeGiven(value, name, -1)
}

/** The same for a time that is still to come: "90m", "24h", "7d" from now. @throws Failure */
export function comingTimeOption(name: string): (value: string) => Date {
  return value => {
    const date = timeGiven(value, name, 1)
    if (date > new Date()) return date
    throw new Failure(`${name} must be a time that is still to come.`)
  }
}

function timeGiven(value: string, name: string, direction: 1 | -1): Date {
  const span = /^(\d{1,6})([mhd])$/.exec(value)
  const date = span
    ? new Date(Date.now() + direction * Number(span[1]) * UNITS[span[2] as keyof typeof UNITS])
    : asUtc(value)
  if (!Number.isNaN(date.getTime())) return date
  const kind = direction === 1 ? 'a time from now such as 2h' : 'an age such as 24h'
  throw new Failure(`${name} must be a date such as 2026-11-20, a time in ISO 8601, or ${kind}.`)
}
