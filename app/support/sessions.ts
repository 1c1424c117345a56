/**
 * The signed-in browsers of support. A browser keeps a random token, the database its hash: who reads the database cannot sign in
 * by it. Times are the database's.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import type { Role } from './roles.ts'

const TOKEN_BYTES = 32
const ABSOLUTE = '12 hours'
const IDLE = '60 minutes'
/** So exactly is known when a session was last used: not each request is a write. */
const SEEN_EVERY = '1 minute'
const MOST_AGENT = 300

/** Where a browser is, and what it says that it is. */
export type Browser = { address: string | null; agent: string | null }

/** Who a session is of. `session` names it, and signs nobody in. */
export type SessionAccount = { id: number; email: string; role: Role; session: string }

export type Session = Browser & { session: string; createdAt: Date; seenAt: Date }

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

/** Of a session `s`: that it is neither over nor ended. The sessions of an account that is disabled are ended with it. */
export const LIVE = `s.revoked_at is null and s.expires_at > now() and s.seen_at > now() - interval '${IDLE}'`

/** @returns the token, which only the browser keeps */
export async function beginSession(
  client: Pool | PoolClient,
  accountId: number,
  { address, agent }: Browser,
): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await client.query(
    `insert into support_sessions (token_hash, account_id, expires_at, address, agent)
     values ($1, $2, now() + interval '${ABSOLUTE}', $3, $4)`,
    [hashOf(token), accountId, address, agent?.slice(0, MOST_AGENT) ?? null],
  )
  return token
}

/** @returns null when the session is over, was ended, or never was; else whose it is, and it counts as used */
export async function readSession(pool: Pool, token: string): Promise<SessionAccount | null> {
  const result = await pool.query<SessionAccount & { isStale: boolean }>(
    `select a.id, a.email, a.role, s.token_hash as session, s.seen_at < now() - interval '${SEEN_EVERY}' as "isStale"
     from support_sessions s join support_accounts a on a.id = s.account_id
     where s.token_hash = $1 and ${LIVE} and a.disabled_at is null`,
    [hashOf(token)],
  )
  const [found] = result.rows
  if (!found) return null
  const { isStale, ...account } = found
  if (isStale)
    await pool.query(`update support_sessions set seen_at = now() where token_hash = $1`, [account.session])
  return account
}

/** @param session as `readSession` names it @returns whether it still signs somebody in; it does not count as used */
export async function isLive(pool: Pool, session: string): Promise<boolean> {
  const result = await pool.query(`select from support_sessions s where s.token_hash = $1 and ${LIVE}`, [
    session,
  ])
  return result.rowCount === 1
}

/** Of one account, those that are signed in, the newest first. */
export async function listSessions(pool: Pool, accountId: number): Promise<Session[]> {
  const result = await pool.query<Session>(
    `select token_hash as session, created_at as "createdAt", seen_at as "seenAt", address, agent
     from support_sessions s where account_id = $1 and ${LIVE} order by created_at desc`,
    [accountId],
  )
  return result.rows
}

/** @param session of the account's own @returns whether it was open until then */
export async function endSession(
  client: Pool | PoolClient,
  accountId: number,
  session: string,
): Promise<boolean> {
  const result = await client.query(
    `update support_sessions s set revoked_at = now() where token_hash = $1 and account_id = $2 and ${LIVE}`,
    [session, accountId],
  )
  return result.rowCount === 1
}

/** @returns how many of the account were open until then */
export async function endSessionsOf(client: Pool | PoolClient, accountId: number): Promise<number> {
  const result = await client.query(
    `update support_sessions s set revoked_at = now() where account_id = $1 and ${LIVE}`,
    [accountId],
  )
  return result.rowCount ?? 0
}

/** Forgets those that have been over for a day: what was done in them stands in the audit. @returns how many */
export async function forgetSupportSessions(pool: Pool): Promise<number> {
  const result = await pool.query(
    `delete from support_sessions where expires_at < now() - interval '1 day' or revoked_at < now() - interval '1 day'`,
  )
  return result.rowCount ?? 0
}
