/** What an operator reads when something is wrong: one sentence with what to do, and no stack that was not asked for. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../support/command-line.ts'
import { runningApp } from '../support/fresh-app.ts'

const { app } = runningApp()
const QUIET = { LOG_LEVEL: '' }
const anotherKey = () => ({ SLUICE_SECRETS_KEYS: `other:${randomBytes(32).toString('base64')}` })
const STACK = /\n {4}at |"stack"/

describe('on standard error stands one sentence', () => {
  const url = (change: (given: URL) => void) => () => {
    const given = new URL(app.test.url)
    change(given)
    return given.href
  }
  it.each<[string, () => string, RegExp]>([
    [
      'when the database is away',
      () => 'postgresql://127.0.0.1:1/x',
      /^The database does not answer \(connect ECONNREFUSED 127\.0\.0\.1:1\): .*DATABASE_URL/,
    ],
    [
      'when there is no such database',
      url(given => Object.assign(given, { pathname: '/nowhere' })),
      /^The database lets nobody in so \(.*does not exist\): correct DATABASE_URL/,
    ],
    [
      'when its password is wrong',
      url(given => Object.assign(given, { username: 'nobody', password: 'x' })),
      /^The database lets nobody in so .*: correct DATABASE_URL/,
    ],
  ])('%s', async (_, database, sentence) => {
    const env = { ...QUIET, DATABASE_URL: database() }
    const { out, err, code } = await runCommand(app, ['shops'], env)
    expect({ out, code, lines: err.trim().split('\n') }).toEqual({
      ...{ out: '', code: 1 },
      lines: [expect.stringMatching(sentence)],
    })
    const said = await runCommand(app, ['shops', '--json'], env)
    expect({ error: JSON.parse(said.out), err: said.err }).toEqual({ error: { error: err.trim() }, err: '' })
    expect((await runCommand(app, ['shops'], { ...env, LOG_LEVEL: 'debug' })).err).toMatch(STACK)
  })

  it('when a table is not as it should be', async () => {
    const { pool } = app.server.services
    await pool.query('alter table shops rename column name to another')
    const { err, code } = await runCommand(app, ['shops'], QUIET)
    await pool.query('alter table shops rename column another to name')
    expect([code, err.trim()]).toEqual([
      1,
      'The command could not be carried out (The column `shops.name` does not exist in the current database.): run "doctor", which examines the installation. LOG_LEVEL=debug tells where in the code.',
    ])
  })

  it('for all values that no key opens', async () => {
    const { pool, sealer } = app.server.services
    for (const id of ['1', '2', '3'])
      await pool.query(
        `insert into sessions (id, shop, state, is_online, access_token, updated_at) values ($1, $1, $1, false, $2, now())`,
        [id, sealer.seal('x', ['other'])],
      )
    const { err, code } = await runCommand(app, ['keys', 'rotate'], { ...QUIET, ...anotherKey() })
    expect(code).toBe(0)
    expect(err.trim().split('\n')).toEqual([
      expect.stringMatching(/^\(a stored person or token is unreadable.*add that key to SLUICE_SECRETS_KEYS/),
    ])
  })
})
