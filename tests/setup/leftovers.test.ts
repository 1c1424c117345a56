import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Lock, tryLock } from '../../app/db/embedded/lock.ts'
import { removeLeftovers } from './leftovers.ts'

const MINUTE = 60_000
let folder: string
let held: Lock | null
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-leftovers-'))
  // Started by root, the server's user has to pass through it.
  chmodSync(folder, 0o711)
  held = null
})
afterEach(() => {
  held?.release()
  rmSync(folder, { recursive: true, force: true })
})

function made(...names: string[]): void {
  for (const name of names) mkdirSync(path.join(folder, name), { recursive: true })
}
const removedAfter = async (minutes: number, folders = [folder]) =>
  (await removeLeftovers(folders, Date.now() + minutes * MINUTE))
    .map(each => path.relative(folder, each))
    .sort()

it('a database of a run that was killed goes, wherever its run kept it, and a young one stays', async () => {
  made('one/sluice-test-aaaaaa/postgres', 'two/sluice-test-bbbbbb/postgres')
  const folders = [path.join(folder, 'one'), path.join(folder, 'two'), path.join(folder, 'none')]
  expect(await removedAfter(4, folders)).toEqual([])
  expect(await removedAfter(6, folders)).toEqual(['one/sluice-test-aaaaaa', 'two/sluice-test-bbbbbb'])
  expect(existsSync(path.join(folder, 'one/sluice-test-aaaaaa'))).toBe(false)
})

it('a database that a living process holds stays, however old', async () => {
  made('sluice-test-living/postgres', 'sluice-test-killed/postgres')
  held = tryLock(path.join(folder, 'sluice-test-living/postgres/owner.lock'))
  expect(await removedAfter(10_000)).toEqual(['sluice-test-killed'])
  expect(existsSync(path.join(folder, 'sluice-test-living/postgres'))).toBe(true)
})

it('databases that tests stop on purpose stay for a day', async () => {
  made('sluice-scratch-aaaaaa/data/postgres', 'sluice-test-chaos-bbbbbb/postgres')
  expect(await removedAfter(23 * 60)).toEqual([])
  expect(await removedAfter(25 * 60)).toEqual(['sluice-scratch-aaaaaa', 'sluice-test-chaos-bbbbbb'])
})

it('what holds no database, or is none of a test, is left alone', async () => {
  made('sluice-test-report', 'sluice-bench-aaaaaa/postgres', 'sluice-test-of-mine/postgres', 'chromium')
  expect(await removedAfter(10_000)).toEqual([])
})
