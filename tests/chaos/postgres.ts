/** The run's own PostgreSQL, which can be crashed: in immediate mode, or by killing its first process. */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Embedded, removeEmbedded, startEmbedded } from '../../app/db/embedded/index.ts'
import type { Disturbance } from './evidence.ts'

export type Postgres = {
  url: string
  outages: Disturbance[]
  /** Crashes it, leaves it down for a while and starts it on the same port. SIGQUIT is an immediate shutdown. */
  crash(how: 'SIGKILL' | 'SIGQUIT', downMs: number): Promise<void>
  /** Stops it and deletes its data. */
  remove(): Promise<void>
}

/** @param durable false: what is committed need not reach the disk, only survive PostgreSQL's own crash */
export async function startPostgres(durable: boolean): Promise<Postgres> {
  // What a killed run leaves is removed by runs of a day later (tests/setup/leftovers.ts), which go by this name.
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-test-chaos-'))
  // Started by root, the server's user has to pass through it.
  await chmod(dataDir, 0o711)
  const settings = { max_connections: '200', ...(!durable && { fsync: 'off', full_page_writes: 'off' }) }
  let server: Embedded = await startEmbedded({ dataDir, settings })
  const { url } = server
  const outages: Disturbance[] = []
  return {
    url,
    outages,
    async crash(how, downMs) {
      const pid = await postmaster(dataDir)
      const from = Date.now()
      process.kill(pid, how)
      await untilGone(pid)
      await server.stop()
      await delay(downMs)
      server = await startEmbedded({ dataDir, settings })
      if (server.url !== url) throw new Error('PostgreSQL came back at another address')
      outages.push({ kind: 'outage', sender: null, from, to: Date.now() })
    },
    async remove() {
      await server.stop()
      await removeEmbedded(dataDir)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function postmaster(dataDir: string): Promise<number> {
  const file = join(dataDir, 'postgres/cluster/postmaster.pid')
  const pid = Number((await readFile(file, 'utf8')).split('\n')[0])
  // To the system 0 is this process and all that it started.
  if (!Number.isInteger(pid) || pid <= 1) throw new Error('PostgreSQL does not say which process it is')
  return pid
}

async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await delay(10)
  }
}
