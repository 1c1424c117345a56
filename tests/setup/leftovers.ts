/** Databases that runs leave which were killed, in folders of temporary files; their servers may still run. */
import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { removeEmbedded } from '../../app/db/embedded/index.ts'

/** With what the folder of a run's own database begins. */
export const RUN = 'sluice-test-'
/** As `mkdtemp` names them: those of runs, and those in which tests start and stop databases of their own. */
const NAMES = /^sluice-(?<kind>test|test-chaos|scratch|down)-\w{6}$/

const MINUTE_MS = 60_000
/** A living run holds its database but for the moment before it starts it; tests that stop theirs on purpose take no day. */
const YOUNG_MS = { held: 5 * MINUTE_MS, loose: 24 * 60 * MINUTE_MS }

/**
 * @param folders in which they are looked for; those that there are not are passed over
 * @returns what was removed
 */
export async function removeLeftovers(folders: Iterable<string>, now = Date.now()): Promise<string[]> {
  const removed: string[] = []
  for (const folder of new Set(folders)) {
    const names = await readdir(folder).catch(() => [])
    for (const name of names) {
      const kind = NAMES.exec(name)?.groups?.kind
      const leftover = path.join(folder, name)
      const youngMs = kind === 'test' ? YOUNG_MS.held : YOUNG_MS.loose
      // What belongs to another user stays.
      if (kind && (await remove(leftover, now - youngMs).catch(() => false))) removed.push(leftover)
    }
  }
  return removed
}

/** @returns false where it is left, for it holds no database, or may be of a living run */
async function remove(folder: string, before: number): Promise<boolean> {
  const dataDir = [folder, path.join(folder, 'data')].find(each => existsSync(path.join(each, 'postgres')))
  if (dataDir === undefined || (await stat(folder)).mtimeMs > before) return false
  const refuge = path.join(folder, 'refuge')
  if (!(await removeEmbedded(dataDir, existsSync(refuge) ? { refuge } : {}))) return false
  await rm(folder, { recursive: true, force: true })
  return true
}
