import { DatabaseSync } from 'node:sqlite'

/** A lock that its process holds until it releases it or ends, however it ends. */
export type Lock = { release(): void }

/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5

/**
 * Takes the lock of a file, which is made when missing and stays empty. Node has no file locks of its own, but
 * its SQLite takes one of the kernel's: unlike a file with a process id in it, it cannot be left behind by a
 * killed process nor mistaken for another process that got the same id.
 * @returns null when another holds it, in this process or another
 */
export function tryLock(file: string): Lock | null {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null
    throw error
  }
}
