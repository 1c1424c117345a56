import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fchownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { type Account, canRun, canWrite, unprivilegedAccount } from './account.ts'
import type { Binaries } from './binaries.ts'

/** Where one embedded database lives. */
export type Place = {
  /** Holds all below */
  base: string
  /** PostgreSQL's own data directory */
  cluster: string
  passwordFile: string
  lockFile: string
  portFile: string
  logFile: string
}

/** A place made ready, and as whom and with which programs the server runs there. */
export type PreparedPlace = Place & {
  /** Undefined: as the user of this process */
  account: Account | undefined
  binaries: Binaries
}

/** Where root puts what the server's user cannot reach. */
export const REFUGE = '/var/lib/sluice'

/** Is there a database in this place? */
export function isInitialised(place: Place): boolean {
  return existsSync(path.join(place.cluster, 'PG_VERSION'))
}

/** The places where the database of a data directory can be, the one inside it first. */
export function places(dataDir: string, refuge: string = REFUGE): [Place, Place?] {
  const base = insideBase(dataDir)
  // One database has one name, whichever symbolic links lead to it.
  const inside = placeAt(existsSync(base) ? realpathSync(base) : base)
  return process.getuid?.() === 0 ? [inside, refugeOf(inside, refuge)] : [inside]
}

/**
 * Makes the place of a data directory ready. As root the server runs as an unprivileged user; where that user
 * can reach the data or the programs not (a home directory closed to others), they are placed in `refuge`.
 * @param log is told of every such placement
 */
export function preparePlace(
  dataDir: string,
  binaries: Binaries,
  log: (message: string) => void,
  refuge: string = REFUGE,
): PreparedPlace {
  makeDirectory(insideBase(dataDir))
  const [inside, outside] = places(dataDir, refuge)
  if (!outside) return { ...inside, account: undefined, binaries }
  const account = ownerOf(inside.cluster) ?? ownerOf(outside.cluster) ?? unprivilegedAccount()
  const place = reachablePlace(inside, outside, account, log)
  giveFilesTo(account, place)
  return { ...place, account, binaries: reachableBinaries(binaries, account, refuge, log) }
}

function reachablePlace(
  inside: Place,
  outside: Place,
  account: Account,
  log: (message: string) => void,
): Place {
  if (isInitialised(inside) || !isInitialised(outside)) {
    chownSync(inside.base, account.uid, account.gid)
    if (canWrite(account, inside.base)) return inside
  }
  log(`PostgreSQL's user cannot enter ${inside.base}: the database is in ${outside.base}`)
  makeDirectory(path.dirname(outside.base), 0o755)
  makeDirectory(outside.base)
  chownSync(outside.base, account.uid, account.gid)
  if (isInitialised(inside) && !isInitialised(outside)) move(inside, outside)
  return outside
}

/** `mv` keeps owners and modes, also from one file system to another. The cluster goes last: it makes the move count. */
function move(from: Place, to: Place): void {
  execFileSync('mv', ['-f', from.passwordFile, to.passwordFile])
  execFileSync('mv', [from.cluster, to.cluster])
}

function reachableBinaries(
  binaries: Binaries,
  account: Account,
  refuge: string,
  log: (message: string) => void,
): Binaries {
  if (canRun(account, binaries.root)) return binaries
  const root = path.join(refuge, `postgresql-${binaries.version}`)
  if (!existsSync(root)) {
    makeDirectory(refuge, 0o755)
    copyForAll(binaries.root, root)
  }
  log(`PostgreSQL's user cannot enter ${binaries.root}: its programs run from ${root}`)
  return { ...binaries, root }
}

/** Copied beside and renamed: the copy is there whole or not at all, also when two processes make it. */
function copyForAll(from: string, to: string): void {
  const beside = mkdtempSync(`${to}.`)
  try {
    const copy = path.join(beside, 'copy')
    execFileSync('cp', ['-R', from, copy])
    execFileSync('chmod', ['-R', 'a+rX', copy])
    renameSync(copy, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

function placeAt(base: string): Place {
  return {
    base,
    cluster: path.join(base, 'cluster'),
    passwordFile: path.join(base, 'password'),
    lockFile: path.join(base, 'owner.lock'),
    portFile: path.join(base, 'port'),
    logFile: path.join(base, 'server.log'),
  }
}

function insideBase(dataDir: string): string {
  return path.join(path.resolve(dataDir), 'postgres')
}

function refugeOf(inside: Place, refuge: string): Place {
  return placeAt(path.join(refuge, createHash('sha256').update(inside.base).digest('hex').slice(0, 16)))
}

/** The user who owns a database; null when there is none, or root, as whom it could not have been made. */
function ownerOf(cluster: string): Account | null {
  if (!existsSync(cluster)) return null
  const { uid, gid } = statSync(cluster)
  return uid === 0 ? null : { uid, gid }
}

/** What root makes here must stay usable for the database's owner when he starts it himself. */
function giveFilesTo({ uid, gid }: Account, { lockFile, portFile }: Place): void {
  for (const name of [lockFile, portFile]) {
    const file = openSync(name, 'a', 0o600)
    fchownSync(file, uid, gid)
    closeSync(file)
  }
}

/** @param mode of the directory itself, whatever the process's mask takes away */
function makeDirectory(directory: string, mode = 0o700): void {
  if (existsSync(directory)) return
  makeWithParents(directory)
  chmodSync(directory, mode)
}

/** One by one: Node's own `recursive` never ends below a folder that answers ENOENT to what is made in it, as /proc does. */
function makeWithParents(directory: string): void {
  if (existsSync(directory)) return
  makeWithParents(path.dirname(directory))
  try {
    mkdirSync(directory)
  } catch (error) {
    // Another process made it meanwhile.
    if (!existsSync(directory)) throw error
  }
}
