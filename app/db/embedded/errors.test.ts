import { describe, expect, it } from 'vitest'
import { EmbeddedError, explain } from './errors.ts'

const sentence = (text: string) => explain(new Error(text), '/srv/data').message

describe('explain', () => {
  it.each([
    ['initdb: error: could not write to file "PG_VERSION": No space left on device', 'is full'],
    ['ENOSPC: no space left on device, mkdir', 'is full'],
    ["EACCES: permission denied, mkdir '/srv/data'", 'may not use'],
    ["EROFS: read-only file system, open '/srv/data'", 'may not use'],
    ['unable to open database file', 'may not use'],
    ['FATAL:  data directory "/srv/data" has wrong ownership', 'may not use'],
    ['FATAL:  database files are incompatible with server', 'another version'],
    ["ENOENT: no such file or directory, mkdir '/srv/data/postgres'", 'cannot be made'],
    ["ENOTDIR: not a directory, mkdir '/srv/data/postgres'", 'cannot be made'],
    ['anything else', 'did not start (anything else)'],
  ])('turns %j into a sentence with a remedy', (text, told) => {
    const message = sentence(text)
    expect(message).toContain(told)
    expect(message).toContain('/srv/data')
    expect(message).toContain('DATABASE_URL')
    expect(message).toMatch(/^[A-Z][^\n]*\.$/)
  })

  it('quotes the line of a log that says what is wrong', () => {
    const log = `2026-11-20 22:53:55.907 UTC [1] LOG:  starting PostgreSQL
2026-11-20 22:53:55.908 UTC [1] FATAL:  could not map anonymous shared memory: Cannot allocate memory
2026-11-20 22:53:55.908 UTC [1] LOG:  database system is shut down`
    expect(sentence(log)).toContain('(could not map anonymous shared memory: Cannot allocate memory)')
  })

  it('keeps a sentence that is one already', () => {
    const error = new EmbeddedError('Do this.')
    expect(explain(error, '/srv/data')).toBe(error)
  })

  it('keeps what was thrown as the cause', () => {
    const cause = new Error('EACCES')
    expect(explain(cause, '/srv/data').cause).toBe(cause)
  })
})
