/** What processes occupy, in megabytes (10^6 bytes). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { query } from './postgres.ts'

export const MEGABYTE = 1e6

/** A kernel that tells how much of shared memory falls to each process: Linux. */
const TELLS = existsSync('/proc/self/smaps_rollup')

/** Its own memory and its share of mapped files. */
const PARTS = [/^Pss_Anon:\s+(\d+) kB/m, /^Pss_File:\s+(\d+) kB/m]

/**
 * The memory of PostgreSQL's processes together, what they share counted once. Without its shared buffers: these are of
 * a fixed size (`shared_buffers`), and only fill up.
 * @returns a function that gives the megabytes of the moment; null where the system does not tell
 */
export async function postgresMemory(url: string): Promise<(() => number) | null> {
  if (!TELLS) return null
  const [row] = await query<{ directory: string }>(
    url,
    `select current_setting('data_directory') as directory`,
  )
  const pidFile = readFileSync(join(row?.directory ?? '', 'postmaster.pid'), 'utf8')
  const postmaster = Number(pidFile.split('\n')[0])
  return () =>
    [postmaster, ...childrenOf(postmaster)].reduce((sum, pid) => sum + proportional(pid), 0) / MEGABYTE
}

function childrenOf(pid: number): number[] {
  const lists = readdirSync(`/proc/${pid}/task`).map(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'),
  )
  return lists.flatMap(list => list.split(' ').filter(Boolean).map(Number))
}

/** In bytes; 0 for a process that has just ended. */
function proportional(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return PARTS.reduce((sum, part) => sum + Number(part.exec(rollup)?.[1] ?? 0) * 1024, 0)
  } catch {
    return 0
  }
}
