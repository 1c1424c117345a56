import { execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  fchownSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { program } from './binaries.ts'
import { isInitialised, type PreparedPlace } from './place.ts'
import { answeringUrl, urlAt } from './probe.ts'
import { serverPid } from './process.ts'

const execute = promisify(execFile)

const POLL_MS = 25
/** Recovery after a crash replays at most max_wal_size (1 GB): a minute on a slow disk. */
const START_PATIENCE_MS = 60_000
const STOP_PATIENCE_SECONDS = 30

/** What differs from PostgreSQL's own defaults. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  timezone: 'UTC',
  log_timezone: 'UTC',
  jit: 'off',
  // Failed statements stay out of the log file: their text can hold a shopper's data.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
}

/**
 * Makes the database of a place when there is none: UTF-8, ordered by code point on every system, a random
 * password over SCRAM.
 * @param settings as of `launch`: without fsync, making it does not wait for the disk either
 */
export async function initialise(
  place: PreparedPlace,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  if (isInitialised(place)) return
  if (!existsSync(place.passwordFile)) {
    writeFileSync(place.passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 })
    if (place.account) chownSync(place.passwordFile, place.account.uid, place.account.gid)
  }
  // Made beside and renamed, so that a process killed here leaves no half a database.
  const beside = `${place.cluster}.new`
  rmSync(beside, { recursive: true, force: true })
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${place.passwordFile}`]
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const other = settings.fsync === 'off' ? ['--no-instructions', '--no-sync'] : ['--no-instructions']
  await execute(
    program(place.binaries, 'initdb'),
    ['-D', beside, ...access, ...locale, ...other],
    asAccount(place),
  )
  renameSync(beside, place.cluster)
}

/**
 * Waits while a server that is already in this place starts, recovers or stops.
 * @returns its connection string, null when no server is there
 */
export async function settle(place: PreparedPlace): Promise<string | null> {
  const deadline = Date.now() + START_PATIENCE_MS
  while (serverPid(place) !== null) {
    const url = await answeringUrl(place, 'postgres')
    if (url) return url
    if (Date.now() > deadline) throw new Error(`the server of process ${serverPid(place)} does not answer`)
    await delay(POLL_MS)
  }
  return null
}

/**
 * Starts the server of an initialised place in which none runs.
 * @param settings more of PostgreSQL's settings
 * @returns its connection string
 */
export async function launch(
  place: PreparedPlace,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const deadline = Date.now() + START_PATIENCE_MS
  for (;;) {
    const started = await tryLaunch(place, settings)
    if ('url' in started) return started.url
    // Another program took the port meanwhile; or processes of a killed server are not gone yet.
    const passing = /could not bind|could not create any TCP|pre-existing shared memory block/.test(
      started.failure,
    )
    if (!passing || Date.now() > deadline) throw new Error(started.failure)
    await delay(POLL_MS)
  }
}

async function tryLaunch(
  place: PreparedPlace,
  settings: Readonly<Record<string, string>>,
): Promise<{ url: string } | { failure: string }> {
  const port = await freePort(place)
  // PostgreSQL takes any process with the id in this file for itself; `settle` found that it is none.
  rmSync(path.join(place.cluster, 'postmaster.pid'), { force: true })
  const exited = spawnServer(place, { ...SETTINGS, ...settings, port: String(port) })
  const url = urlAt(place, port)
  const deadline = Date.now() + START_PATIENCE_MS
  while (exited.code === undefined && Date.now() < deadline) {
    if ((await answeringUrl(place, 'postgres')) === url) return { url }
    await delay(POLL_MS)
  }
  if (exited.code === undefined) stopNow(place)
  return { failure: exited.error?.message ?? readFileSync(place.logFile, 'utf8') }
}

/** In a session of its own, so that Ctrl-C reaches this program first; and it outlives a killed one. */
function spawnServer(
  place: PreparedPlace,
  settings: Record<string, string>,
): { code?: number; error?: Error } {
  if (existsSync(place.logFile)) renameSync(place.logFile, `${place.logFile}.1`)
  const log = openSync(place.logFile, 'a', 0o600)
  if (place.account) fchownSync(log, place.account.uid, place.account.gid)
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(program(place.binaries, 'postgres'), ['-D', place.cluster, ...flags], {
    ...asAccount(place),
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const exited: { code?: number; error?: Error } = {}
  child.once('exit', code => {
    exited.code = code ?? -1
  })
  child.once('error', error => {
    exited.code = -1
    exited.error = error
  })
  child.unref()
  return exited
}

/** Ends all connections, writes everything to disk and waits until the server is gone. */
export async function stop(place: PreparedPlace): Promise<void> {
  if (serverPid(place) === null) return
  const command = ['stop', '-D', place.cluster, '-m', 'fast', '-t', String(STOP_PATIENCE_SECONDS)]
  try {
    await execute(program(place.binaries, 'pg_ctl'), command, asAccount(place))
  } catch (error) {
    if (serverPid(place) === null) return
    throw error
  }
}

/** Tells the server to stop without waiting for it, from a process that has no time left. */
export function stopNow(place: PreparedPlace): void {
  if (serverPid(place) === null) return
  const command = ['stop', '-D', place.cluster, '-m', 'fast', '--no-wait']
  spawnSync(program(place.binaries, 'pg_ctl'), command, { ...asAccount(place), stdio: 'ignore' })
}

/** The environment is PostgreSQL's alone: variables such as PGPORT or LC_ALL of the caller would change it. */
function asAccount({ account, base }: PreparedPlace) {
  const { PATH, SystemRoot, NODE_ENV } = process.env
  const env = { PATH, SystemRoot, NODE_ENV, LC_ALL: 'C', TZ: 'UTC' }
  return { ...account, cwd: base, env }
}

/** The port of the last start if it is free, so that programs which keep connecting find the server again. */
async function freePort({ portFile }: PreparedPlace): Promise<number> {
  const last = existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0
  const port = await listenOnce(last).catch(() => listenOnce(0))
  writeFileSync(portFile, String(port))
  return port
}

/** Finds out by listening that a port is free. @param port 0: any */
function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
