/** Signing in with a password and a one-time code. */
import type { Pool } from 'pg'
import { withTransaction } from '../db/database.ts'
import type { Sealer } from '../secrets/seal.ts'
import { asEmail } from './accounts.ts'
import { type Actor, writeAudit } from './audit.ts'
import { stepOfCode, unsealCodeSecret } from './codes.ts'
import { type Device, knownDevice } from './device.ts'
import { isPassword } from './passwords.ts'
import type { Role } from './roles.ts'
import { type Browser, beginSession } from './sessions.ts'
import type { Throttle, UsedUp } from './throttle.ts'

/** As typed. `network`: the address for counting. */
export type SignInAttempt = {
  email: string
  password: string
  code: string
  browser: Browser
  network: string | null
  device: Device | null
}

/** `device`: the cookie by which the browser is known from now on. `wait`: for so many seconds, `by` what was used up. */
export type SignedIn =
  | { kind: 'in'; token: string; device: string }
  | { kind: 'wrong' }
  | { kind: 'wait'; seconds: number; by: UsedUp }

type Row = {
  id: number
  email: string
  role: Role
  hash: string | null
  secret: string | null
  isDisabled: boolean
}
export type SignInContext = { pool: Pool; sealer: Sealer; throttle: Throttle }

/** Says the same of an account that is not there, one that is disabled, a wrong password and a wrong or used code. */
export async function signIn(
  { pool, sealer, throttle }: SignInContext,
  { password, code, browser, network, device, ...typed }: SignInAttempt,
): Promise<SignedIn> {
  const email = asEmail(typed.email)
  const attempt = { email, address: network, device }
  const account = await accountBy(pool, email)
  const by: Actor = {
    // What is no account may be anything, a password too.
    actor: account?.email ?? 'nobody',
    role: account?.role ?? null,
    address: browser.address,
  }
  const failed = (reason: string) => writeAudit(pool, by, [{ action: 'sign_in_failed', reason }])
  const stopped = await throttle.take(attempt)
  if (stopped) {
    if (stopped.first) await failed('too many attempts')
    return { kind: 'wait', seconds: stopped.seconds, by: stopped.by }
  }
  const isRight = await isPassword(account?.hash ?? null, password)
  const secret = account?.secret ? unsealCodeSecret(sealer, account.email, account.secret) : null
  const step = secret === null ? null : stepOfCode(secret, code, new Date())
  if (!account || !isRight || step === null || account.isDisabled) {
    await failed(!account ? 'no such account' : whatIsWrong(account, isRight, secret))
    return { kind: 'wrong' }
  }
  const token = await withTransaction(pool, async client => {
    // A code counts once: of two that come with it at a time, the row lets one pass. What was looked at must still be what counts:
    // an account may have been reset meanwhile.
    const used = await client.query(
      `update support_accounts set totp_step = $2, signed_in_at = now()
       where id = $1 and disabled_at is null and coalesce(totp_step, 0) < $2 and password_hash = $3 and totp_secret = $4`,
      [account.id, step, account.hash, account.secret],
    )
    if (used.rowCount !== 1) return null
    await writeAudit(client, by, [{ action: 'sign_in', after: { agent: browser.agent } }])
    return beginSession(client, account.id, browser)
  })
  if (token === null) {
    const now = await accountBy(pool, email)
    const isSame = now?.hash === account.hash && now.secret === account.secret && !now.isDisabled
    await failed(isSame ? 'code used before' : 'account changed meanwhile')
    return { kind: 'wrong' }
  }
  await throttle.giveBack(attempt)
  return { kind: 'in', token, device: knownDevice(sealer, device, account.email) }
}

/** For the audit alone: the form says the same of all. */
function whatIsWrong(
  { isDisabled, hash, secret: sealed }: Row,
  isRight: boolean,
  secret: string | null,
): string {
  if (isDisabled) return 'account disabled'
  if (hash === null) return 'account without a password'
  if (!isRight) return 'wrong password'
  return sealed !== null && secret === null
    ? 'the secret of its codes cannot be opened: see SLUICE_SECRETS_KEYS'
    : 'wrong code'
}

async function accountBy(pool: Pool, email: string): Promise<Row | null> {
  const result = await pool.query<Row>(
    `select id, email, role, password_hash as hash, totp_secret as secret, disabled_at is not null as "isDisabled"
     from support_accounts where email = $1`,
    [email],
  )
  return result.rows[0] ?? null
}
