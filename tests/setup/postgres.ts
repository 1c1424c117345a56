/**
 * Gives a test run its PostgreSQL: a temporary embedded one, or the server of TEST_DATABASE_URL, whose user must
 * be allowed to create databases.
 */
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { removeEmbedded, startEmbedded } from '../../app/db/embedded/index.ts'
import { createTemplate, dropTemplate } from '../../app/db/testing.ts'

const PREFIX = 'sluice-test-'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
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
  await removeLeftovers()
  const dataDir = await mkdtemp(path.join(os.tmpdir(), PREFIX))
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

/** Servers of runs that were killed; a living run holds its own, and a young one is about to. */
async function removeLeftovers(): Promise<void> {
  for (const entry of await readdir(os.tmpdir())) {
    const dataDir = path.join(os.tmpdir(), entry)
    if (!entry.startsWith(PREFIX) || !(await isOld(dataDir))) continue
    // What belongs to another user stays.
    const removed = await removeEmbedded(dataDir).catch(() => false)
    if (removed) await rm(dataDir, { recursive: true, force: true })
  }
}

async function isOld(directory: string): Promise<boolean> {
  const changed = await stat(directory).catch(() => null)
  return changed !== null && Date.now() - changed.mtimeMs > 5 * 60_000
}
