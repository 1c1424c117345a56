/**
 * Gives a test run its PostgreSQL: a temporary embedded one, or the server of TEST_DATABASE_URL, whose user must
 * be allowed to create databases.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { removeEmbedded, startEmbedded } from '../../app/db/embedded/index.ts'
import { createTemplate, dropTemplate } from '../../app/db/testing.ts'
import { RUN, removeLeftovers } from './leftovers.ts'
import { MEMORY } from './memory.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.vitest.logger.log(`temporary files of this run are in ${os.tmpdir()}`)
  const given = process.env.TEST_DATABASE_URL
  const server = given ? { url: given, stop: async () => {} } : await startTemporary()
  const test = await createTemplate(server.url)
  project.provide('postgres', test)
  return async () => {
    if (given) await dropTemplate(test)
    await server.stop()
  }
}

async function startTemporary(): Promise<{ url: string; stop(): Promise<void> }> {
  // Wherever this run keeps its own: what dead runs left in memory may be why that has no room.
  await removeLeftovers([os.tmpdir(), MEMORY, '/tmp'])
  const dataDir = await mkdtemp(path.join(os.tmpdir(), RUN))
  // Started by root, the server's user has to pass through it.
  await chmod(dataDir, 0o711)
  // Nothing of it has to outlive the run, so nothing has to reach the disk.
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '300',
  }
  const server = await startEmbedded({ dataDir, settings })
  return {
    url: server.url,
    async stop() {
      await server.stop()
      await removeEmbedded(dataDir)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
