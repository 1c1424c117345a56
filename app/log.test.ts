import { PassThrough } from 'node:stream'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createLog, withoutWords } from './log.ts'

function logged(level = 'trace') {
  const lines: string[] = []
  const log = createLog(level, { write: line => void lines.push(line) })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') }
}

describe('a log line', () => {
  it('is JSON with the time, the level by name, the message and its fields', () => {
    const { log, last } = logged()
    log.info({ shop: 7 }, 'hello')
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      shop: 7,
      msg: 'hello',
    })
  })

  it('is written from its level on', () => {
    const { log, lines } = logged('warn')
    log.info('no')
    log.warn('yes')
    log.error('yes')
    expect(lines).toHaveLength(2)
    log.debug('no')
    expect(lines).toHaveLength(2)
  })

  it('is not written at all when silent', () => {
    const { log, lines } = logged('silent')
    log.fatal('no')
    expect(lines).toEqual([])
  })

  it('goes to any stream', () => {
    const stream = new PassThrough()
    createLog('info', stream).info('hello')
    expect(String(stream.read())).toContain('hello')
  })

  it('holds no address and no credential, in fields, messages, keys and children', () => {
    const { log, lines } = logged()
    const words = 'jane@example.com with tm_live_0123456789, Bearer abc.def'
    log.info({ words, 'jane@example.com': 1, deep: { list: [words] } }, words)
    log.child({ words }).error({ err: new Error(words) }, 'x %s', words)
    expect(lines.join()).not.toMatch(/jane|0123456789|abc\.def/)
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow()
  })
})

describe('an error', () => {
  it('shows its name, message, code and place, and nothing else', () => {
    const { log, last } = logged()
    class Odd extends Error {
      override name = 'Odd'
      code = 'E_ODD'
      row = { email: 'jane' }
      detail = 'Key (email)=(jane)'
    }
    log.error({ err: new Odd('went wrong', { cause: new Error('jane') }) }, 'x')
    expect(last().err).toEqual({
      name: 'Odd',
      message: 'went wrong',
      code: 'E_ODD',
      stack: expect.stringContaining('log.test.ts'),
    })
  })

  it('is shown the same when it is all that is logged, and when it is no Error', () => {
    const { log, last } = logged()
    log.error(Object.assign(new Error('alone'), { detail: 'jane' }))
    expect(last().err).toMatchObject({ message: 'alone' })
    expect(JSON.stringify(last())).not.toContain('jane')
    log.error({ err: 'a text', error: 7 }, 'x')
    expect(last()).toMatchObject({ err: { message: 'a text' }, error: { message: '7' } })
  })
})

describe("a database's error", () => {
  const client = new pg.Client({ connectionString: inject('postgres').url })
  beforeAll(async () => {
    await client.connect()
    await client.query(`create temporary table people (email text unique, age int check (age > 0), id uuid);
      insert into people values ('jane-row', 1)`)
  })
  afterAll(() => client.end())

  it.each([
    ['unique', `insert into people values ('jane-row')`, '23505'],
    ['check', `insert into people values ('jane-row-2', -1)`, '23514'],
    ['type', `select 'jane-row'::uuid`, '22P02'],
    ['number', `select 'jane-row'::int`, '22P02'],
    ['json', `select '{"jane-row":x}'::jsonb`, '22P02'],
    ['time', `select 'jane-row'::timestamptz`, '22007'],
  ])('holds no value of a row (%s)', async (_what, sql, code) => {
    const error = await client.query(sql).catch(failure => failure)
    const { log, lines, last } = logged()
    log.error({ err: error }, 'x')
    expect(last().err).toMatchObject({ code, name: 'error' })
    expect(last().err.message.length).toBeGreaterThan(10)
    expect(lines.join()).not.toContain('jane-row')
    log.error(withoutWords(error), 'x')
    expect(last().failure).toMatchObject({ code, name: 'error' })
    expect(last().failure.message.length).toBeGreaterThan(10)
    expect(lines.join()).not.toContain('jane-row')
  })

  it('is told of a request in its own words, which were [object Object]', async () => {
    const error = await client.query('select * from nowhere').catch(failure => failure)
    const { log, last } = logged()
    log.error({ ...withoutWords(error), shop: 'a' }, 'x')
    expect(last().failure).toEqual({
      name: 'error',
      code: '42P01',
      message: 'relation "nowhere" does not exist',
      at: expect.arrayContaining([expect.stringContaining('log.test.ts')]),
    })
  })

  it('is not told of a request in the words of a function, which may quote a row', async () => {
    const raise = `do $$ begin raise exception 'no jane-row' using detail = 'jane-row'; end $$`
    const error = await client.query(raise).catch(failure => failure)
    const { log, lines, last } = logged()
    log.error(withoutWords(error), 'x')
    expect(last().failure).toEqual({ name: 'error', code: 'P0001', at: expect.any(Array) })
    expect(lines.join()).not.toContain('jane-row')
  })

  it("of a request says none of anyone else's words", () => {
    const { log, lines, last } = logged()
    log.error(withoutWords(new TypeError('jane-row')), 'x')
    expect(last().failure).toEqual({ name: 'TypeError', at: expect.any(Array) })
    expect(lines.join()).not.toContain('jane-row')
  })
})
