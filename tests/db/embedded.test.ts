import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Embedded, findEmbedded, startEmbedded } from '../../app/db/embedded/index.ts'
import { type Child, firstLine, runFixture } from './child.ts'
import { ask, copyScratch, isRoot, isStopped, makeScratch, postmasterOf, type Scratch } from './scratch.ts'

const WAIT = { timeout: 20_000, interval: 20 }
let seed: Scratch
let scratch: Scratch
let children: Child[]

beforeAll(async () => {
  seed = await makeScratch()
  await (await startEmbedded({ ...seed, settings: { fsync: 'off' } })).stop()
})

afterAll(() => seed.remove())

beforeEach(async () => {
  scratch = await copyScratch(seed)
  children = []
})

/** For what happens where there is no database yet. */
async function beginWithNothing(): Promise<void> {
  await scratch.remove()
  scratch = await makeScratch()
}

afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL')
  await Promise.all(children.map(child => child.exited))
  await scratch.remove()
})

function start(settings?: Record<string, string>): Promise<Embedded> {
  return startEmbedded({ ...scratch, settings: settings ?? {} })
}

function startChild(then: string): Child {
  const child = runFixture('start', [scratch.dataDir, scratch.refuge, then])
  children.push(child)
  return child
}

describe('the embedded server', () => {
  it('is a durable UTF-8 database in UTC that listens on 127.0.0.1 alone', async () => {
    await beginWithNothing()
    const server = await start()
    const { hostname, port } = new URL(server.url)
    expect(hostname).toBe('127.0.0.1')
    expect(Number(port)).toBeGreaterThan(0)
    expect(await ask(server.url, 'SHOW server_encoding')).toBe('UTF8')
    expect(await ask(server.url, 'SHOW timezone')).toBe('UTC')
    expect(await ask(server.url, 'SHOW fsync')).toBe('on')
    expect(await ask(server.url, 'SHOW listen_addresses')).toBe('127.0.0.1')
    expect(await ask(server.url, 'SHOW unix_socket_directories')).toBe('')
    expect(await ask(server.url, 'SHOW max_connections')).toBe('100')
    expect(
      await ask(server.url, 'SELECT datlocale FROM pg_database WHERE datname = current_database()'),
    ).toBe('C.UTF-8')
    await server.stop()
  })

  it('asks for a password that only a closed file holds', async () => {
    const server = await start()
    const file = path.join(scratch.dataDir, 'postgres/password')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const wrong = new URL(server.url)
    expect(wrong.password).toBe(await readFile(file, 'utf8'))
    wrong.password = 'guessed'
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed')
    expect(
      await ask(server.url, "SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = 'postgres'"),
    ).toBe('SCRAM-SHA-256')
    await server.stop()
  })

  it('keeps what was written over a restart, and its port', async () => {
    const first = await start()
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await first.stop()
    expect(await findEmbedded(scratch.dataDir, scratch)).toBeNull()
    const second = await start()
    expect(await ask(second.url, 'SELECT answer FROM kept')).toBe(42)
    expect(second.url).toBe(first.url)
    await second.stop()
  })

  it('takes another port when its own was taken meanwhile', async () => {
    const other = await copyScratch(scratch)
    const [first, second] = [await start(), await startEmbedded(other)]
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port)
    expect(await ask(second.url, 'SELECT 1')).toBe(1)
    await Promise.all([first.stop(), second.stop()])
    await other.remove()
  })

  it('stops once, however often it is told', async () => {
    const server = await start()
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    expect(await isStopped(scratch)).toBe(true)
  })

  it('stops while connections are open', async () => {
    const server = await start()
    const open = ask(server.url, 'SELECT pg_sleep(60)').catch((error: unknown) => String(error))
    await vi.waitFor(async () => {
      expect(
        await ask(
          server.url,
          "SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'",
        ),
      ).toBe(1)
    }, WAIT)
    await server.stop()
    expect(await open).toContain('terminating connection')
  })

  it('takes settings of the caller', async () => {
    const server = await start({ fsync: 'off' })
    expect(await ask(server.url, 'SHOW fsync')).toBe('off')
    await server.stop()
  })

  it('writes no failed statement to its log, which could hold personal data', async () => {
    const server = await start()
    await expect(ask(server.url, "SELECT 'jane@example.com'::int")).rejects.toThrow()
    await server.stop()
    const log = await readFile(path.join(scratch.dataDir, 'postgres/server.log'), 'utf8')
    expect(log).toContain('ready to accept connections')
    expect(log).not.toContain('jane@example.com')
  })

  it('begins anew where making the database was interrupted', async () => {
    await beginWithNothing()
    await mkdir(path.join(scratch.dataDir, 'postgres/cluster.new/base'), { recursive: true })
    const server = await start()
    expect(await ask(server.url, 'SELECT 1')).toBe(1)
    await server.stop()
  })
})

describe('several processes', () => {
  it('use the server of a living owner, and leave it running', async () => {
    const owner = await start()
    const guest = await firstLine(startChild('stop'))
    expect(guest).toMatchObject({ url: owner.url, owned: false })
    const second = await start()
    expect(second).toMatchObject({ url: owner.url, owned: false })
    await second.stop()
    expect(await findEmbedded(scratch.dataDir, scratch)).toEqual({ url: owner.url })
    expect(await ask(owner.url, 'SELECT 1')).toBe(1)
    await owner.stop()
  })

  it('that start at the same moment end with one server', async () => {
    await beginWithNothing()
    const lines = await Promise.all([1, 2, 3].map(() => firstLine(startChild('wait'))))
    expect(new Set(lines.map(line => line.url)).size).toBe(1)
    expect(lines.filter(line => line.owned)).toHaveLength(1)
  })

  it('take over the server of an owner that was killed', async () => {
    const owner = startChild('wait')
    const { url } = await firstLine(owner)
    await ask(String(url), 'CREATE TABLE kept AS SELECT 42 AS answer')
    const postmaster = await postmasterOf(scratch.dataDir)
    owner.process.kill('SIGKILL')
    await owner.exited
    const heir = await start()
    expect(heir).toMatchObject({ url, owned: true })
    expect(await postmasterOf(scratch.dataDir)).toBe(postmaster)
    expect(await ask(heir.url, 'SELECT answer FROM kept')).toBe(42)
    await heir.stop()
    expect(await isStopped(scratch)).toBe(true)
  })

  it('are found by none where none runs', async () => {
    await beginWithNothing()
    expect(await findEmbedded(scratch.dataDir, scratch)).toBeNull()
    expect(existsSync(scratch.dataDir)).toBe(false)
  })
})

describe('the file of a server that is gone', () => {
  it('does not block when owner and server were killed', async () => {
    const owner = startChild('wait')
    const { url } = await firstLine(owner)
    await ask(String(url), 'CREATE TABLE kept AS SELECT 42 AS answer')
    const postmaster = await postmasterOf(scratch.dataDir)
    owner.process.kill('SIGKILL')
    process.kill(postmaster, 'SIGKILL')
    await owner.exited
    const server = await start()
    expect(server.owned).toBe(true)
    expect(await ask(server.url, 'SELECT answer FROM kept')).toBe(42)
    await server.stop()
  })

  it('does not block when its process id belongs to another program by now', async () => {
    await (await start()).stop()
    const cluster = path.join(scratch.dataDir, 'postgres/cluster')
    const { uid, gid } = await stat(cluster)
    // Of the same user, since PostgreSQL itself only distrusts processes of others.
    const other = runFixture('idle', [], isRoot ? { uid, gid } : {})
    children.push(other)
    await firstLine(other)
    const lines = [
      other.process.pid,
      cluster,
      1_700_000_000,
      5432,
      '',
      '127.0.0.1',
      '  1234567         1',
      'ready   ',
    ]
    await writeFile(path.join(cluster, 'postmaster.pid'), `${lines.join('\n')}\n`)
    const server = await start()
    expect(await ask(server.url, 'SELECT 1')).toBe(1)
    await server.stop()
    expect(other.process.exitCode).toBeNull()
  })
})

describe('an owner that forgets to stop', () => {
  it.each([
    ['ends normally', 'return', null],
    ['calls process.exit', 'exit', null],
    ['dies of an exception', 'throw', null],
    ['gets SIGTERM', 'wait', 'SIGTERM'],
    ['gets SIGINT', 'wait', 'SIGINT'],
    ['gets SIGHUP', 'wait', 'SIGHUP'],
    ['handles SIGTERM itself', 'handle', 'SIGTERM'],
  ] as const)('leaves no server when it %s', async (_, then, signal) => {
    const owner = startChild(then)
    await firstLine(owner)
    if (signal) owner.process.kill(signal)
    await owner.exited
    await vi.waitFor(async () => expect(await isStopped(scratch)).toBe(true), WAIT)
    if (then === 'wait') expect(owner.process.signalCode).toBe(signal)
  })
})
