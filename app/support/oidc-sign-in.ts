/** Signing in whom the provider of single sign-on vouches for: accounts that are there, and no others. */
import type { Pool, PoolClient } from 'pg'
import { withTransaction } from '../db/database.ts'
import { storable } from '../db/jsonb.ts'
import { asEmail } from './accounts.ts'
import { type Actor, writeAudit } from './audit.ts'
import type { OidcPerson } from './oidc.ts'
import type { Role } from './roles.ts'
import { type Browser, beginSession } from './sessions.ts'
import type { Throttle } from './throttle.ts'

/** Why somebody whom the provider knows is not signed in. */
export type OidcRefusal = 'unverified' | 'unknown' | 'disabled' | 'other_subject'
/** `mask`: of an e-mail, what may be kept for good of somebody who does not work here. */
export type OidcSignInContext = {
  pool: Pool
  throttle: Pick<Throttle, 'isFirstRefusal'>
  mask(email: string): string
}
export type OidcSignedIn = { kind: 'in'; token: string } | { kind: 'refused'; why: OidcRefusal }

type Row = { id: number; email: string; role: Role; isDisabled: boolean; subject: string | null }

const REASONS: Readonly<Record<OidcRefusal, string>> = {
  unverified: 'single sign-on: the provider does not say that the e-mail is verified',
  unknown: 'single sign-on: no such account',
  disabled: 'single sign-on: account disabled',
  other_subject: 'single sign-on: the e-mail is now somebody else’s at the provider',
}

/**
 * An account is found by the provider's own name of the person once that is known, before by the e-mail. An e-mail that is given to
 * somebody else at the same provider signs nobody in, until an admin resets the account: then it is the new person's, with its role.
 * Where another provider takes the place of the first, its verified e-mail counts again. A refusal is written down once in fifteen
 * minutes for the same person and reason.
 */
export async function signInByOidc(
  { pool, throttle, mask }: OidcSignInContext,
  { issuer, subject, ...person }: OidcPerson,
  browser: Browser,
): Promise<OidcSignedIn> {
  const named = storable(`${issuer} ${subject}`)
  const email = person.email && asEmail(storable(person.email))
  const done = await withTransaction(pool, async client => {
    const account = (await accountWhere(client, 'oidc_subject', named)) ?? (await byEmail(client, email))
    const why = refusalOf(account, named, issuer, email)
    const by: Actor = {
      actor: account?.email ?? 'nobody',
      role: account?.role ?? null,
      address: browser.address,
    }
    if (why !== null || !account) return { kind: 'refused', why: why ?? 'unknown', by, account } as const
    await client.query('update support_accounts set oidc_subject = $2, signed_in_at = now() where id = $1', [
      account.id,
      named,
    ])
    await writeAudit(client, by, [{ action: 'sign_in', after: { agent: browser.agent, issuer } }])
    return { kind: 'in', token: await beginSession(client, account.id, browser) } as const
  })
  if (done.kind === 'in') return done
  const { why, by, account } = done
  if (await throttle.isFirstRefusal(named, why))
    await writeAudit(pool, by, [
      { action: 'sign_in_failed', subject: account || !email ? null : mask(email), reason: REASONS[why] },
    ])
  return { kind: 'refused', why }
}

function refusalOf(
  account: Row | null,
  named: string,
  issuer: string,
  email: string | null,
): OidcRefusal | null {
  if (!account) return email === null ? 'unverified' : 'unknown'
  if (account.isDisabled) return 'disabled'
  const isOther = account.subject !== null && account.subject !== named
  return isOther && account.subject?.startsWith(`${issuer} `) ? 'other_subject' : null
}

const byEmail = async (client: PoolClient, email: string | null) =>
  email === null ? null : accountWhere(client, 'email', email)

async function accountWhere(
  client: PoolClient,
  column: 'oidc_subject' | 'email',
  value: string,
): Promise<Row | null> {
  const found = await client.query<Row>(
    `select id, email, role, disabled_at is not null as "isDisabled", oidc_subject as subject
     from support_accounts where ${column} = $1 for update`,
    [value],
  )
  return found.rows[0] ?? null
}
