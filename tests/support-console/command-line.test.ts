/** Accounts by the command line, as an operator keeps them. */
import { expect, it } from 'vitest'
import { runCommand } from '../support/command-line.ts'
import { runningApp } from '../support/fresh-app.ts'

const { app } = runningApp()
const sluice = (...args: string[]) => runCommand(app, ['support', ...args])
const json = async (...args: string[]) => JSON.parse((await sluice(...args, '--json')).out)
const EMAIL = 'ada@example.com'

it('adds, lists, changes, resets and signs out, and the audit says who', async () => {
  const given = await json('add', EMAIL, '--role', 'admin')
  expect(given).toMatchObject({ email: EMAIL, role: 'admin', password: expect.any(String) })
  expect(given.address).toContain(given.secret)
  const reset = await sluice('reset', EMAIL)
  expect(reset.out).toMatch(
    /^ada@example\.com is reset, as admin\. This is shown once:\n {2}password {2}[a-z2-9-]{29}\n/,
  )
  expect(reset.out).toContain('█')
  expect(reset.out).toContain('otpauth://totp/')
  expect((await sluice('role', EMAIL, 'agent')).err).toContain('is the last admin who can sign in')
  expect((await sluice('add', EMAIL, '--role', 'agent')).err).toContain(
    'There is an account ada@example.com already',
  )
  expect((await sluice('disable', 'bea@example.com')).err).toContain('There is no account bea@example.com')
  await json('add', 'bea@example.com', '--role', 'admin')
  expect(await json('role', EMAIL, 'agent')).toEqual({ email: EMAIL, role: 'agent' })
  expect(await json('disable', EMAIL)).toEqual({ email: EMAIL, disabled: true })
  expect(await json('enable', EMAIL)).toEqual({ email: EMAIL, disabled: false })
  expect(await json('sessions', EMAIL)).toEqual([])
  expect(await json('sessions', EMAIL, '--end')).toEqual({ email: EMAIL, ended: 0 })
  expect(await json('list')).toMatchObject([{ email: EMAIL, role: 'agent' }, { email: 'bea@example.com' }])
  const { rows } = await app.server.services.pool.query('select actor, action from audit_entries order by id')
  expect(rows.map(({ action }) => action)).toEqual([
    ...['account_add', 'account_reset', 'account_add', 'account_role', 'account_disable', 'account_enable'],
  ])
  for (const { actor } of rows) expect(actor).toMatch(/^command line: \S+/)
}, 90_000)
