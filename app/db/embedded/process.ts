import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Place } from './place.ts'

/** First and fourth line of postmaster.pid (https://www.postgresql.org/docs/current/storage-file-layout.html). */
export function readPidFile(place: Place): { pid: number; port: number } | null {
  const text = readOrNull(path.join(place.cluster, 'postmaster.pid'))
  const lines = text?.split('\n') ?? []
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  return Number.isInteger(pid) && pid > 0 && port > 0 ? { pid, port } : null
}

/**
 * The process id of the server that runs in a place; null when there is none, also when the file that a killed
 * server left names a process that is another program by now.
 */
export function serverPid(place: Place): number | null {
  const file = readPidFile(place)
  return file && isServer(file.pid, place) ? file.pid : null
}

/** The server is started with its data directory on its command line. */
function isServer(pid: number, { cluster }: Place): boolean {
  try {
    if (process.platform === 'linux') return readOrNull(`/proc/${pid}/cmdline`)?.includes(cluster) === true
    // Windows shows command lines to no plain program; there any living process counts.
    if (process.platform === 'win32') return process.kill(pid, 0)
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(
      cluster,
    )
  } catch {
    return false
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return null
    throw error
  }
}
