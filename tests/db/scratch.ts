import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { findEmbedded, removeEmbedded } from '../../app/db/embedded/index.ts'

const execute = promisify(execFile)

export const isRoot = process.getuid?.() === 0

/** A data directory of one test and a refuge beside it, which only root uses. */
export type Scratch = { root: string; dataDir: string; refuge: string; remove(): Promise<void> }

export async function makeScratch(): Promise<Scratch> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'sluice-scratch-'))
  // mkdtemp closes it to others, which is a case of its own.
  await chmod(root, 0o755)
  const scratch = { root, dataDir: path.join(root, 'data'), refuge: path.join(root, 'refuge') }
  return {
    ...scratch,
    async remove() {
      if (existsSync(scratch.dataDir)) await removeEmbedded(scratch.dataDir, scratch)
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** A scratch whose database exists already: a copy of a stopped one, which is quicker than making it. */
export async function copyScratch(seed: Scratch): Promise<Scratch> {
  const scratch = await makeScratch()
  await execute('cp', ['-a', seed.dataDir, scratch.dataDir])
  return scratch
}

/** One value of one query. */
export async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}

/** The process id of the server under a data directory. */
export async function postmasterOf(dataDir: string): Promise<number> {
  const text = await readFile(path.join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
}

export async function isStopped({ dataDir, refuge }: Scratch): Promise<boolean> {
  const pidFile = path.join(dataDir, 'postgres/cluster/postmaster.pid')
  return !existsSync(pidFile) && (await findEmbedded(dataDir, { refuge })) === null
}

/** An ordinary user, if this process may become him and he can run this Node; else null. */
export function ordinaryUser(): { uid: number; gid: number } | null {
  if (!isRoot) return null
  const id = (flag: string) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout)
  const user = { uid: id('-u'), gid: id('-g') }
  if (!(user.uid > 0)) return null
  const script = 'test -r "$1" && "$2" --version'
  const args = ['-c', script, 'sh', import.meta.filename, process.execPath]
  return spawnSync('/bin/sh', args, { ...user, cwd: '/' }).status === 0 ? user : null
}
