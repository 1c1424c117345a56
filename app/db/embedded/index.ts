/**
 * A real PostgreSQL out of node_modules, for those who have none: one server per data directory, owned by the
 * process that started it and used by every other.
 */
import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { findBinaries } from './binaries.ts'
import { EmbeddedError, explain } from './errors.ts'
import { guard } from './guard.ts'
import { type Lock, tryLock } from './lock.ts'
import { type PreparedPlace, places, preparePlace } from './place.ts'
import { answeringUrl, ensureDatabase } from './probe.ts'
import { initialise, launch, settle, stop, stopNow } from './server.ts'

export { EmbeddedError } from './errors.ts'

/** A running embedded server. */
export type Embedded = {
  /** Connection string of its database */
  url: string
  /** Whether this process stops it; false: another process does */
  owned: boolean
  /** Stops the server if it is owned, and waits until it is gone. Further calls do nothing. */
  stop(): Promise<void>
}

export type EmbeddedOptions = {
  /** The database lives in the folder `postgres` of this one; made when missing */
  dataDir: string
  log?: (message: string) => void
  /** More of PostgreSQL's settings, for a server that this call starts */
  settings?: Readonly<Record<string, string>>
  /** Where root places what the server's user cannot reach; by default /var/lib/sluice */
  refuge?: string
}

const POLL_MS = 50
const PATIENCE_MS = 90_000

/**
 * Starts the database of a data directory, or uses the one that runs there: owned by a living process
 * (`owned: false`), or left by a killed one and taken over (`owned: true`).
 * @throws EmbeddedError with one sentence that says what to do
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { dataDir, log = () => {}, settings = {}, refuge } = options
  const binaries = findBinaries()
  try {
    const place = preparePlace(dataDir, binaries, log, refuge)
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const lock = tryLock(place.lockFile)
      if (lock) return await own(place, lock, settings, log)
      const url = await answeringUrl(place)
      if (url) return { url, owned: false, stop: async () => {} }
      if (Date.now() > deadline) throw new EmbeddedError(unresponsive(place))
      await delay(POLL_MS)
    }
  } catch (error) {
    throw explain(error, dataDir)
  }
}

/**
 * The running server of a data directory, whoever owns it.
 * @returns null when none runs
 * @throws EmbeddedError when this user may not read the server's password
 */
export async function findEmbedded(
  dataDir: string,
  { refuge }: { refuge?: string } = {},
): Promise<{ url: string } | null> {
  try {
    for (const place of places(dataDir, refuge)) {
      const url = place && (await answeringUrl(place))
      if (url) return { url }
    }
    return null
  } catch (error) {
    throw explain(error, dataDir)
  }
}

/**
 * Stops the server of a data directory whose owner is gone and deletes the database.
 * @returns false when a living process owns it: then nothing is done
 */
export async function removeEmbedded(
  dataDir: string,
  { refuge }: { refuge?: string } = {},
): Promise<boolean> {
  try {
    const place = preparePlace(dataDir, findBinaries(), () => {}, refuge)
    const lock = tryLock(place.lockFile)
    if (!lock) return false
    await stop(place).finally(() => lock.release())
    rmSync(place.base, { recursive: true, force: true })
    return true
  } catch (error) {
    throw explain(error, dataDir)
  }
}

async function own(
  place: PreparedPlace,
  lock: Lock,
  settings: Readonly<Record<string, string>>,
  log: (message: string) => void,
): Promise<Embedded> {
  const takeOffGuard = guard({ stop: () => stopOnce(), stopNow: () => stopNow(place) })
  let stopping: Promise<void> | undefined
  const stopOnce = () => {
    stopping ??= stop(place).finally(() => {
      takeOffGuard()
      lock.release()
    })
    return stopping
  }
  try {
    await initialise(place, settings)
    const running = await settle(place)
    if (running) log(`took over the PostgreSQL in ${place.base}, whose owner is gone`)
    const url = running ?? (await launch(place, settings))
    await ensureDatabase(url)
    return { url, owned: true, stop: stopOnce }
  } catch (error) {
    await stopOnce().catch(() => {})
    throw error
  }
}

function unresponsive({ base }: PreparedPlace): string {
  return `Another process holds the database in ${base} but its PostgreSQL does not answer; end that process and start again, or set DATABASE_URL to a PostgreSQL of your own.`
}
