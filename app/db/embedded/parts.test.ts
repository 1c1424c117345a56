import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unprivilegedAccount } from './account.ts'
import { findBinaries, program } from './binaries.ts'
import { EmbeddedError } from './errors.ts'
import { tryLock } from './lock.ts'
import { preparePlace } from './place.ts'

describe('findBinaries', () => {
  it('finds the programs of this platform', () => {
    const binaries = findBinaries()
    expect(existsSync(program(binaries, 'postgres'))).toBe(true)
    expect(existsSync(program(binaries, 'initdb'))).toBe(true)
    expect(existsSync(program(binaries, 'pg_ctl'))).toBe(true)
  })

  it('says what to do on a platform without a package', () => {
    expect(() => findBinaries('sunos', 'sparc')).toThrow(EmbeddedError)
    expect(() => findBinaries('sunos', 'sparc')).toThrow(/sunos-sparc.*DATABASE_URL/)
  })
})

describe('unprivilegedAccount', () => {
  const system = (users: Record<string, string>, addsUser: boolean) => {
    const commands: string[] = []
    const run = (command: string, args: readonly string[]) => {
      const name = args.at(-1) ?? ''
      if (command === 'id') return users[name] ?? null
      commands.push(command)
      if (!addsUser) return null
      users[name] = '70'
      return ''
    }
    return { run, commands }
  }

  it('is postgres where there is one', () => {
    const { run, commands } = system({ postgres: '101', nobody: '65534' }, true)
    expect(unprivilegedAccount(run)).toEqual({ uid: 101, gid: 101 })
    expect(commands).toEqual([])
  })

  it('makes postgres where it is missing', () => {
    const { run } = system({ nobody: '65534' }, true)
    expect(unprivilegedAccount(run)).toEqual({ uid: 70, gid: 70 })
  })

  it('is nobody where no user can be made, after both ways were tried', () => {
    const { run, commands } = system({ nobody: '65534' }, false)
    expect(unprivilegedAccount(run)).toEqual({ uid: 65534, gid: 65534 })
    expect(commands).toEqual(['useradd', 'adduser'])
  })

  it('is never root', () => {
    const { run } = system({ postgres: '0', nobody: '0' }, false)
    expect(() => unprivilegedAccount(run)).toThrow(/postgres.*DATABASE_URL/)
  })
})

describe('tryLock', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-lock-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('gives a lock to one at a time, also within a process', () => {
    const file = path.join(folder, 'lock')
    const first = tryLock(file)
    expect(first).not.toBeNull()
    expect(tryLock(file)).toBeNull()
    first?.release()
    const second = tryLock(file)
    expect(second).not.toBeNull()
    second?.release()
  })

  it('fails where the file cannot be made', () => {
    expect(() => tryLock(path.join(folder, 'missing/lock'))).toThrow('unable to open database file')
  })
})

describe('preparePlace', () => {
  // What cannot be made there: Node's own recursive mkdir tries for ever.
  it.skipIf(process.platform !== 'linux')('fails at once where no folder can be made', () => {
    expect(() => preparePlace('/proc/sluice', findBinaries(), () => {})).toThrow(/ENOENT.*mkdir/)
  })

  it('makes the folders above it too', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-place-'))
    try {
      const { base } = preparePlace(
        path.join(folder, 'a', 'b'),
        findBinaries(),
        () => {},
        path.join(folder, 'r'),
      )
      expect(existsSync(base)).toBe(true)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
