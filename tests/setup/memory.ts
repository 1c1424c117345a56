/**
 * Keeps the temporary files of a run in memory where a machine has room for them: a database has some six hundred files, and on some
 * disks each takes a millisecond to make.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const MEMORY = '/dev/shm'
const ROOM_BYTES = 4 * 1024 ** 3

/** Call before anything asks for a temporary folder. Whoever has set TMPDIR knows better. */
export function keepInMemory(): void {
  if (!process.env.TMPDIR && isFit()) process.env.TMPDIR = MEMORY
}

/** @returns whether the folder is there, has room, and lets programs run: a browser is unpacked there */
function isFit(): boolean {
  let probe: string | undefined
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    if (bavail * bsize < ROOM_BYTES) return false
    probe = mkdtempSync(join(MEMORY, 'sluice-probe-'))
    const program = join(probe, 'program')
    writeFileSync(program, '#!/bin/sh\nexit 0\n')
    chmodSync(program, 0o755)
    return spawnSync(program).status === 0
  } catch {
    return false
  } finally {
    if (probe) rmSync(probe, { recursive: true, force: true })
  }
}
