/** The accounts of support. Each change writes its entry of the audit in its own transaction. */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import type { Sealer } from '../secrets/seal.ts'
import { type Actor, type AuditAction, writeAudit } from './audit.ts'
import { codeAddress, newCodeSecret, sealCodeSecret } from './codes.ts'
import { hashPassword, newPassword } from './passwords.ts'
import type { Role } from './roles.ts'
import { endSessionsOf, LIVE } from './sessions.ts'
import { forgetAttemptsAt, stoppedAccounts } from './throttle.ts'

export type Account = {
  id: number
  email: string
  role: Role
  createdAt: Date
  disabledAt: Date | null
  /** The last time. */
  signedInAt: Date | null
  /** With a password and codes of ours; else at the provider of single sign-on. */
  hasPassword: boolean
  /** Browsers that are signed in. */
  sessions: number
  /** Failed tries at it are so many that the next has to wait, from somewhere or from everywhere. */
  isLocked: boolean
}

/** What a person needs to sign in. It is told once: only a hash and a sealed text are kept. */
export type Given = { email: string; role: Role; password: string; secret: string; address: string }

/** What is wrong with what was asked for. */
export type AccountTrouble = 'exists' | 'missing' | 'last_admin' | 'no_email'
/** An account that cannot be changed so. Nothing was. */
export class AccountError extends Error {
  override name = 'AccountError'
  readonly trouble: AccountTrouble
  constructor(trouble: AccountTrouble) {
    super(`account: ${trouble}`)
    this.trouble = trouble
  }
}

/** Where accounts are, and what their secrets are sealed with. */
export type Accounts = { pool: Pool; sealer: Sealer }

const UNIQUE_VIOLATION = '23505'
const MOST_LETTERS = 254
const EMAIL = /^[^\s@<>(),;:"\\]+@[^\s@<>(),;:"\\]+$/

/** As accounts are kept and found. */
export const asEmail = (text: string): string => text.trim().toLowerCase()

export async function listAccounts(pool: Pool): Promise<Account[]> {
  const result = await pool.query<Omit<Account, 'isLocked'>>(
    `select a.id, a.email, a.role, a.created_at as "createdAt", a.disabled_at as "disabledAt",
       a.signed_in_at as "signedInAt", a.password_hash is not null as "hasPassword",
       (select count(*)::int from support_sessions s where s.account_id = a.id and ${LIVE}) as sessions
     from support_accounts a order by a.email`,
  )
  const locked = await stoppedAccounts(
    pool,
    result.rows.map(({ email }) => email),
  )
  return result.rows.map(account => ({ ...account, isLocked: locked.has(account.email) }))
}

/** @throws AccountError */
export async function addAccount(
  { pool, sealer }: Accounts,
  by: Actor,
  email: string,
  role: Role,
): Promise<Given> {
  const known = asEmail(email)
  if (!EMAIL.test(known) || known.length > MOST_LETTERS) throw new AccountError('no_email')
  const { given, stored } = await madeUp(sealer, known)
  try {
    await withTransaction(pool, async client => {
      await client.query(
        `insert into support_accounts (email, role, password_hash, totp_secret) values ($1, $2, $3, $4)`,
        [known, role, stored.hash, stored.secret],
      )
      await writeAudit(client, by, [{ action: 'account_add', subject: known, after: { role } }])
    })
  } catch (error) {
    throw (error as { code?: unknown }).code === UNIQUE_VIOLATION ? new AccountError('exists') : error
  }
  return { ...given, role }
}

/**
 * A new password and a new secret for codes; what was before signs nobody in any more, nor do open sessions. The provider's name of
 * the person is forgotten as well: whoever has the account's e-mail there, verified, signs in next. Failed tries count no more.
 * @throws AccountError
 */
export async function resetAccount({ pool, sealer }: Accounts, by: Actor, email: string): Promise<Given> {
  const known = asEmail(email)
  const { given, stored } = await madeUp(sealer, known)
  const role = await changed(pool, by, known, 'account_reset', async (client, account) => {
    await client.query(
      `update support_accounts set password_hash = $2, totp_secret = $3, totp_step = null, oidc_subject = null where id = $1`,
      [account.id, stored.hash, stored.secret],
    )
    await endSessionsOf(client, account.id)
    await forgetAttemptsAt(client, known)
    return { said: {}, result: account.role }
  })
  return { ...given, role }
}

/** Whoever has to wait because of failed tries at the account may try again. @returns how many counts there were @throws AccountError */
export async function unlockAccount({ pool }: Accounts, by: Actor, email: string): Promise<number> {
  const known = asEmail(email)
  return changed(pool, by, known, 'account_unlock', async client => {
    const counts = await forgetAttemptsAt(client, known)
    return { said: { before: { counts }, after: { counts: 0 } }, result: counts }
  })
}

/** Ends the account's sessions, which were begun with another role. @throws AccountError */
export async function setRole({ pool }: Accounts, by: Actor, email: string, role: Role): Promise<void> {
  await changed(pool, by, asEmail(email), 'account_role', async (client, account) => {
    if (account.role === role) return { said: null, result: undefined }
    if (role !== 'admin') await keepAnAdmin(client, account.id)
    await client.query(`update support_accounts set role = $2 where id = $1`, [account.id, role])
    await endSessionsOf(client, account.id)
    return { said: { before: { role: account.role }, after: { role } }, result: undefined }
  })
}

/** An account that is disabled keeps what it has, and signs nobody in; its sessions end. @throws AccountError */
export async function setDisabled(
  { pool }: Accounts,
  by: Actor,
  email: string,
  disabled: boolean,
): Promise<void> {
  const action = disabled ? 'account_disable' : 'account_enable'
  await changed(pool, by, asEmail(email), action, async (client, account) => {
    if ((account.disabledAt !== null) === disabled) return { said: null, result: undefined }
    if (disabled) await keepAnAdmin(client, account.id)
    await client.query(
      `update support_accounts set disabled_at = case when $2 then now() end where id = $1`,
      [account.id, disabled],
    )
    await endSessionsOf(client, account.id)
    return { said: {}, result: undefined }
  })
}

/** Signs every browser of the account out. @returns how many @throws AccountError */
export async function endAccountSessions({ pool }: Accounts, by: Actor, email: string): Promise<number> {
  return changed(pool, by, asEmail(email), 'sessions_ended', async (client, account) => {
    const ended = await endSessionsOf(client, account.id)
    return { said: ended > 0 ? { before: { sessions: ended } } : null, result: ended }
  })
}

type Found = { id: number; role: Role; disabledAt: Date | null }
/** What the entry of the audit says beside who did what to whom; null: nothing was changed. */
type Said = { before?: unknown; after?: unknown } | null

async function changed<T>(
  pool: Pool,
  by: Actor,
  email: string,
  action: AuditAction,
  change: (client: PoolClient, account: Found) => Promise<{ said: Said; result: T }>,
): Promise<T> {
  return withTransaction(pool, async client => {
    // All admins in one order first: two that take each other's role away must not both succeed.
    await client.query(`select from support_accounts where role = 'admin' order by id for update`)
    const found = await client.query<Found>(
      `select id, role, disabled_at as "disabledAt" from support_accounts where email = $1 for update`,
      [email],
    )
    const [account] = found.rows
    if (!account) throw new AccountError('missing')
    const { said, result } = await change(client, account)
    if (said) await writeAudit(client, by, [{ action, subject: email, ...said }])
    return result
  })
}

/** @throws AccountError where no admin but this one could sign in */
async function keepAnAdmin(client: PoolClient, id: number): Promise<void> {
  const admins = await client.query<{ id: number }>(
    `select id from support_accounts where role = 'admin' and disabled_at is null`,
  )
  if (admins.rows.length === 1 && admins.rows[0]?.id === id) throw new AccountError('last_admin')
}

async function madeUp(sealer: Sealer, email: string) {
  const password = newPassword()
  const secret = newCodeSecret()
  return {
    given: { email, password, secret, address: codeAddress(email, secret) },
    stored: { hash: await hashPassword(password), secret: sealCodeSecret(sealer, email, secret) },
  }
}
