import { existsSync } from 'node:fs'
import { chmod, chown, cp, mkdir, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canRun, canWrite, unprivilegedAccount } from '../../app/db/embedded/account.ts'
import { findBinaries } from '../../app/db/embedded/binaries.ts'
import { findEmbedded, startEmbedded } from '../../app/db/embedded/index.ts'
import { preparePlace } from '../../app/db/embedded/place.ts'
import { firstLine, runFixture } from './child.ts'
import { ask, isRoot, makeScratch, ordinaryUser, type Scratch } from './scratch.ts'

const ordinary = ordinaryUser()
const settings = { fsync: 'off' }
let scratch: Scratch

beforeEach(async () => {
  scratch = await makeScratch()
})

afterEach(() => scratch.remove())

describe.runIf(isRoot)('started by root', () => {
  it('runs as another user', async () => {
    const server = await startEmbedded({ ...scratch, settings })
    const { uid } = await stat(path.join(scratch.dataDir, 'postgres/cluster'))
    expect(uid).toBe(unprivilegedAccount().uid)
    expect(existsSync(scratch.refuge)).toBe(false)
    await server.stop()
  })

  it('keeps its data where that user can reach them when the home directory is closed, and says where', async () => {
    await chmod(scratch.root, 0o700)
    const outside = await makeScratch()
    const log: string[] = []
    const options = { dataDir: scratch.dataDir, refuge: outside.refuge, settings }
    const server = await startEmbedded({ ...options, log: message => log.push(message) })
    expect(await ask(server.url, 'SHOW data_directory')).toContain(outside.refuge)
    expect(log.join('\n')).toContain(outside.refuge)
    expect(await findEmbedded(scratch.dataDir, outside)).toEqual({ url: server.url })
    await ask(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await server.stop()
    // Opening the home directory later does not lose what is elsewhere by now.
    await chmod(scratch.root, 0o755)
    const again = await startEmbedded(options)
    expect(await ask(again.url, 'SELECT answer FROM kept')).toBe(42)
    await again.stop()
    await outside.remove()
  })

  it('moves a database whose home directory was closed since', async () => {
    const outside = await makeScratch()
    const options = { dataDir: scratch.dataDir, refuge: outside.refuge, settings }
    const server = await startEmbedded(options)
    await ask(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await server.stop()
    await chmod(scratch.root, 0o700)
    const again = await startEmbedded(options)
    expect(await ask(again.url, 'SELECT answer FROM kept')).toBe(42)
    await again.stop()
    await outside.remove()
  })

  it('runs copies of its programs when those are in a closed directory', async () => {
    const account = unprivilegedAccount()
    const { root, version } = findBinaries()
    const closed = path.join(scratch.root, 'checkout')
    await mkdir(closed, { mode: 0o700 })
    const inside = { root: path.join(closed, 'native'), version }
    await cp(root, inside.root, { recursive: true, verbatimSymlinks: true })
    expect(canRun(account, inside.root)).toBe(false)
    const log: string[] = []
    const placed = preparePlace(
      scratch.dataDir,
      inside,
      message => log.push(message),
      scratch.refuge,
    ).binaries
    expect(placed.root).toContain(scratch.refuge)
    expect(canRun(account, placed.root)).toBe(true)
    expect(log.join('\n')).toContain(placed.root)
    // The second time the copy is there, also when the original is gone.
    await rename(inside.root, `${inside.root}.gone`)
    expect(preparePlace(scratch.dataDir, inside, () => {}, scratch.refuge).binaries).toEqual(placed)
  })

  it('sees whether that user can write in a directory', async () => {
    const account = unprivilegedAccount()
    const own = path.join(scratch.root, 'a/b')
    await mkdir(own, { recursive: true })
    expect(canWrite(account, own)).toBe(false)
    await chown(own, account.uid, account.gid)
    expect(canWrite(account, own)).toBe(true)
    await chmod(path.join(scratch.root, 'a'), 0o700)
    expect(canWrite(account, own)).toBe(false)
  })
})

describe.runIf(ordinary)('started by an ordinary user', () => {
  const user = ordinary ?? {}

  it('runs in a directory of his', async () => {
    await chown(scratch.root, ordinary?.uid ?? 0, ordinary?.gid ?? 0)
    const child = runFixture('start', [scratch.dataDir, scratch.refuge], user)
    const line = await firstLine(child)
    expect(line).toMatchObject({ owned: true, log: [] })
    expect(await ask(String(line.url), 'SELECT 1')).toBe(1)
    child.process.kill('SIGTERM')
    await child.exited
    // Root takes over without changing whose it is, and leaves it usable for him.
    const server = await startEmbedded({ ...scratch, settings })
    expect((await stat(path.join(scratch.dataDir, 'postgres/cluster'))).uid).toBe(ordinary?.uid)
    await server.stop()
    const again = runFixture('start', [scratch.dataDir, scratch.refuge], user)
    expect(await firstLine(again)).toMatchObject({ owned: true, url: server.url })
    again.process.kill('SIGTERM')
    await again.exited
  })

  it('says in one sentence what to do in a directory that he may not use', async () => {
    const child = runFixture('start', [scratch.dataDir, scratch.refuge], user)
    const { error } = await firstLine(child)
    expect(error).toMatch(/^This user may not use .*DATA_DIR.*DATABASE_URL[^.]*\.$/)
  })

  it('says so too for a database that root made', async () => {
    await (await startEmbedded({ ...scratch, settings })).stop()
    const child = runFixture('start', [scratch.dataDir, scratch.refuge], user)
    expect((await firstLine(child)).error).toMatch(/^This user may not use /)
  })
})
