import { readFileSync } from 'node:fs'
import pg from 'pg'
import type { Place } from './place.ts'
import { readPidFile } from './process.ts'

/** The database in the cluster that is ours. */
export const DATABASE = 'sluice'
const PATIENCE_MS = 2000

/** Connection string of a place's server. */
export function urlAt(place: Place, port: number, database: string = DATABASE): string {
  const password = readFileSync(place.passwordFile, 'utf8').trim()
  return `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`
}

/**
 * The connection string of the server that runs in a place; null when none answers there. That it takes the
 * place's password over SCRAM proves that it is the place's server and not another on the same port.
 * @param probed the database that must answer; a server that is being made has none but `postgres`
 */
export async function answeringUrl(place: Place, probed: string = DATABASE): Promise<string | null> {
  const file = readPidFile(place)
  if (!file) return null
  return (await answers(urlAt(place, file.port, probed))) ? urlAt(place, file.port) : null
}

/** Makes the database in a cluster that answers, when it is missing. */
export async function ensureDatabase(url: string): Promise<void> {
  const admin = new URL(url)
  admin.pathname = '/postgres'
  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
}

/** Does the database of a connection string take connections now? */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}
