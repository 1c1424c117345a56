import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { createSealer } from '../secrets/seal.ts'
import { type Accounts, addAccount, type Given, resetAccount, setDisabled } from './accounts.ts'
import { codeAt } from './codes.ts'
import { signIn } from './sign-in.ts'
import { createThrottle, type Throttle } from './throttle.ts'

const BY = { actor: 'chief@example.com', role: 'admin', address: null } as const
const ADA = 'ada@example.com'
let test: TestDatabase
let accounts: Accounts
let throttle: Throttle
let given: Given
beforeAll(async () => {
  test = await testDatabase()
  accounts = { pool: test.database.pool, sealer: createSealer([{ id: 'a', bytes: randomBytes(32) }]) }
  throttle = createThrottle(accounts.pool)
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(test.database.pool)
  given = await addAccount(accounts, BY, ADA, 'agent')
})

/** Signs in with what is right; `meanwhile` is done once the account was read. */
const attempt = (meanwhile: () => Promise<unknown> = async () => {}) =>
  signIn(
    {
      ...accounts,
      throttle: {
        ...throttle,
        async take(tried) {
          await meanwhile()
          return throttle.take(tried)
        },
      },
    },
    {
      email: ADA,
      password: given.password,
      code: codeAt(given.secret, new Date()),
      browser: { address: '198.51.100.7', agent: null },
      network: null,
      device: null,
    },
  )
const left = async () => {
  const sessions = await accounts.pool.query('select from support_sessions')
  const entries = await accounts.pool.query('select reason from audit_entries order by id desc limit 1')
  return { sessions: sessions.rowCount, reason: entries.rows[0]?.reason }
}

it('signs in who types what is right', async () => {
  expect(await attempt()).toMatchObject({ kind: 'in' })
  expect(await left()).toEqual({ sessions: 1, reason: null })
})

it.each<[string, () => Promise<unknown>]>([
  ['reset', () => resetAccount(accounts, BY, ADA)],
  ['disabled', () => setDisabled(accounts, BY, ADA, true)],
])('does not sign in with what was right until the account was %s meanwhile', async (_, meanwhile) => {
  expect(await attempt(meanwhile)).toEqual({ kind: 'wrong' })
  expect(await left()).toEqual({ sessions: 0, reason: 'account changed meanwhile' })
})
