import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { createSealer } from '../secrets/seal.ts'
import {
  type Accounts,
  addAccount,
  endAccountSessions,
  listAccounts,
  resetAccount,
  setDisabled,
  setRole,
  unlockAccount,
} from './accounts.ts'
import { beginSession, readSession } from './sessions.ts'
import { createThrottle } from './throttle.ts'

let test: TestDatabase
let accounts: Accounts
beforeAll(async () => {
  test = await testDatabase()
  const sealer = createSealer([{ id: 'a', bytes: randomBytes(32) }])
  accounts = { pool: test.database.pool, sealer }
})
afterAll(() => test.drop())
beforeEach(() => emptyTables(test.database.pool))

const BY = { actor: 'chief@example.com', role: 'admin', address: '198.51.100.7' } as const
const ADA = 'ada@example.com'
const BEA = 'bea@example.com'

async function audit(): Promise<unknown[]> {
  const { rows } = await test.database.pool.query(
    'select actor, role, action, subject, before, after from audit_entries order by id',
  )
  return rows.map(({ actor, role, ...rest }) => {
    expect([actor, role]).toEqual([BY.actor, BY.role])
    return Object.values(rest)
  })
}
const token = async (email: string) => {
  const list = await listAccounts(accounts.pool)
  const id = list.find(each => each.email === email)?.id ?? 0
  return beginSession(accounts.pool, id, { address: null, agent: null })
}
const stored = async () =>
  (await accounts.pool.query('select password_hash, totp_secret from support_accounts')).rows[0]

describe('an account', () => {
  it('is added with a password and a secret that are not kept in the clear', async () => {
    const given = await addAccount(accounts, BY, ' Ada@Example.com ', 'agent')
    expect(given).toMatchObject({ email: ADA, role: 'agent' })
    expect(given.address).toContain(given.secret)
    const kept = JSON.stringify(await stored())
    expect(kept).not.toContain(given.password)
    expect(kept).not.toContain(given.secret)
    expect(await listAccounts(accounts.pool)).toMatchObject([{ email: ADA, role: 'agent', sessions: 0 }])
    expect(await audit()).toEqual([['account_add', ADA, null, { role: 'agent' }]])
  })

  it.each(['', 'ada', 'ada@', '@example.com', 'a b@example.com', `${'a'.repeat(250)}@example.com`])(
    'is not added for %j',
    async email => {
      await expect(addAccount(accounts, BY, email, 'viewer')).rejects.toMatchObject({
        trouble: 'no_email',
      })
    },
  )

  it('is there once, however it is written', async () => {
    await addAccount(accounts, BY, ADA, 'agent')
    await expect(addAccount(accounts, BY, 'ADA@example.com', 'admin')).rejects.toMatchObject({
      trouble: 'exists',
    })
    expect(await audit()).toHaveLength(1)
  })

  it('gets another role, and its sessions end', async () => {
    await addAccount(accounts, BY, ADA, 'agent')
    const session = await token(ADA)
    await setRole(accounts, BY, ADA, 'agent')
    expect(await readSession(accounts.pool, session)).not.toBeNull()
    await setRole(accounts, BY, ADA, 'viewer')
    expect(await readSession(accounts.pool, session)).toBeNull()
    expect((await audit()).slice(1)).toEqual([['account_role', ADA, { role: 'agent' }, { role: 'viewer' }]])
  })

  it('is disabled and enabled', async () => {
    await addAccount(accounts, BY, ADA, 'agent')
    const session = await token(ADA)
    for (const disabled of [true, true, false, false]) await setDisabled(accounts, BY, ADA, disabled)
    expect(await readSession(accounts.pool, session)).toBeNull()
    expect((await audit()).slice(1)).toEqual([
      ['account_disable', ADA, null, null],
      ['account_enable', ADA, null, null],
    ])
  })

  it('is reset: a new password, a new secret, no session', async () => {
    const before = await addAccount(accounts, BY, ADA, 'agent')
    const kept = await stored()
    const session = await token(ADA)
    const after = await resetAccount(accounts, BY, ADA)
    expect(after).toMatchObject({ email: ADA, role: 'agent' })
    expect([after.password, after.secret]).not.toEqual([before.password, before.secret])
    expect(await stored()).not.toEqual(kept)
    expect(await readSession(accounts.pool, session)).toBeNull()
    expect((await audit()).slice(1)).toEqual([['account_reset', ADA, null, null]])
  })

  it.each<[string, (throttled: Accounts) => Promise<unknown>]>([
    ['reset', given => resetAccount(given, BY, ADA)],
    ['unlocked', given => unlockAccount(given, BY, ADA)],
  ])('that somebody guesses at is open to its person again once it is %s', async (done, change) => {
    await addAccount(accounts, BY, ADA, 'agent')
    const throttle = createThrottle(accounts.pool)
    const attempt = { email: ADA, address: '198.51.100.7', device: null }
    for (let each = 0; each < 10; each++) await throttle.take(attempt)
    expect(await throttle.take(attempt)).not.toBeNull()
    expect((await listAccounts(accounts.pool))[0]).toMatchObject({ email: ADA, isLocked: true })
    await change(accounts)
    expect((await listAccounts(accounts.pool))[0]).toMatchObject({ email: ADA, isLocked: false })
    expect(await throttle.take(attempt)).toBeNull()
    const before = done === 'reset' ? null : { counts: 2 }
    const action = done === 'reset' ? 'account_reset' : 'account_unlock'
    expect((await audit()).slice(1)).toEqual([[action, ADA, before, before && { counts: 0 }]])
  })

  it('is signed out everywhere', async () => {
    await addAccount(accounts, BY, ADA, 'agent')
    const sessions = [await token(ADA), await token(ADA)]
    expect(await endAccountSessions(accounts, BY, ADA)).toBe(2)
    for (const session of sessions) expect(await readSession(accounts.pool, session)).toBeNull()
    expect(await endAccountSessions(accounts, BY, ADA)).toBe(0)
    expect((await audit()).slice(1)).toEqual([['sessions_ended', ADA, { sessions: 2 }, null]])
  })

  it('that is not there is not changed', async () => {
    const missing = { trouble: 'missing' }
    await expect(setRole(accounts, BY, ADA, 'admin')).rejects.toMatchObject(missing)
    await expect(setDisabled(accounts, BY, ADA, true)).rejects.toMatchObject(missing)
    await expect(resetAccount(accounts, BY, ADA)).rejects.toMatchObject(missing)
    await expect(unlockAccount(accounts, BY, ADA)).rejects.toMatchObject(missing)
    expect(await audit()).toEqual([])
  })
})

describe('the last admin who can sign in', () => {
  const last = { trouble: 'last_admin' }

  it('is neither demoted nor disabled', async () => {
    await addAccount(accounts, BY, ADA, 'admin')
    await addAccount(accounts, BY, BEA, 'admin')
    await setDisabled(accounts, BY, BEA, true)
    await expect(setRole(accounts, BY, ADA, 'agent')).rejects.toMatchObject(last)
    await expect(setDisabled(accounts, BY, ADA, true)).rejects.toMatchObject(last)
    await setRole(accounts, BY, BEA, 'viewer')
    expect(await audit()).toHaveLength(4)
  })

  it('stays, when two admins take it from each other at once', async () => {
    await addAccount(accounts, BY, ADA, 'admin')
    await addAccount(accounts, BY, BEA, 'admin')
    const both = await Promise.allSettled([
      setRole(accounts, BY, ADA, 'viewer'),
      setDisabled(accounts, BY, BEA, true),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(each => each.status === 'rejected')).toMatchObject({ reason: last })
  })
})
