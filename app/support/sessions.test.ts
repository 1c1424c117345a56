import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { createSealer } from '../secrets/seal.ts'
import { addAccount } from './accounts.ts'
import {
  beginSession,
  endSession,
  endSessionsOf,
  forgetSupportSessions,
  listSessions,
  readSession,
} from './sessions.ts'

let test: TestDatabase
let ids: number[]
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  const { pool } = test.database
  await emptyTables(pool)
  const sealer = createSealer([{ id: 'a', bytes: randomBytes(32) }])
  const by = { actor: 'tests', role: null, address: null }
  for (const name of ['a', 'b']) await addAccount({ pool, sealer }, by, `${name}@example.com`, 'agent')
  ids = (await pool.query('select id from support_accounts order by email')).rows.map(({ id }) => id)
})

const HERE = { address: '198.51.100.7', agent: 'Browser/1' }
const begin = (account = 0) => beginSession(test.database.pool, ids[account] ?? 0, HERE)
const read = (token: string) => readSession(test.database.pool, token)
const set = (what: string) => test.database.pool.query(`update support_sessions set ${what}`)

describe('a session', () => {
  it('is whose it was begun for', async () => {
    const account = await read(await begin())
    expect(account).toMatchObject({ id: ids[0], email: 'a@example.com', role: 'agent' })
  })

  it('is found by its token alone, which is not kept', async () => {
    const token = await begin()
    expect(token).toMatch(/^[\w-]{43}$/)
    const { rows } = await test.database.pool.query('select * from support_sessions')
    expect(JSON.stringify(rows)).not.toContain(token)
    expect(await read(rows[0].token_hash)).toBeNull()
    expect(await read('')).toBeNull()
  })

  it.each([
    ['twelve hours after it began', `expires_at = now() - interval '1 second'`],
    ['an hour after it was last used', `seen_at = now() - interval '61 minutes'`],
    ['when it was ended', `revoked_at = now()`],
  ])('is over %s', async (_, what) => {
    const token = await begin()
    await set(what)
    expect(await read(token)).toBeNull()
  })

  it('lasts for twelve hours', async () => {
    await begin()
    const { rows } = await test.database.pool.query(
      'select extract(epoch from expires_at - created_at)::int as seconds from support_sessions',
    )
    expect(rows).toEqual([{ seconds: 12 * 3600 }])
  })

  it('goes on as long as it is used', async () => {
    const token = await begin()
    await set(`seen_at = now() - interval '59 minutes'`)
    expect(await read(token)).not.toBeNull()
    const { rows } = await test.database.pool.query(
      `select seen_at > now() - interval '1 minute' as fresh from support_sessions`,
    )
    expect(rows).toEqual([{ fresh: true }])
  })

  it('of a disabled account is nobody', async () => {
    const token = await begin()
    await test.database.pool.query('update support_accounts set disabled_at = now()')
    expect(await read(token)).toBeNull()
  })
})

describe('the sessions of an account', () => {
  const pool = () => test.database.pool

  it('are listed with where they are, without those that are over', async () => {
    await begin()
    await set('expires_at = now()')
    await begin(1)
    const token = await begin()
    const list = await listSessions(pool(), ids[0] ?? 0)
    expect(list).toMatchObject([{ ...HERE, session: (await read(token))?.session }])
  })

  it('are ended one by one, by nobody else', async () => {
    const [token, other] = [await begin(), await begin()]
    const { session = '' } = (await read(token)) ?? {}
    expect(await endSession(pool(), ids[1] ?? 0, session)).toBe(false)
    expect(await endSession(pool(), ids[0] ?? 0, session)).toBe(true)
    expect(await endSession(pool(), ids[0] ?? 0, session)).toBe(false)
    expect([await read(token), (await read(other))?.id]).toEqual([null, ids[0]])
  })

  it('are ended all at once, and nobody else is', async () => {
    const [token, other] = [await begin(), await begin(1)]
    expect(await endSessionsOf(pool(), ids[0] ?? 0)).toBe(1)
    expect([await read(token), (await read(other))?.id]).toEqual([null, ids[1]])
  })

  it('are forgotten a day after they are over', async () => {
    await begin()
    expect(await forgetSupportSessions(pool())).toBe(0)
    await set(`revoked_at = now() - interval '25 hours'`)
    await begin()
    expect(await forgetSupportSessions(pool())).toBe(1)
    await set(`expires_at = now() - interval '25 hours'`)
    expect(await forgetSupportSessions(pool())).toBe(1)
  })
})
