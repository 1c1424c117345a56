/** The accounts of support, as their admins see them, and everybody's own sessions. */
import type { Pool } from 'pg'
import { toString as drawn } from 'qrcode'
import { withTransaction } from '../db/database.ts'
import type { Sealer } from '../secrets/seal.ts'
import {
  AccountError,
  type AccountTrouble,
  addAccount,
  endAccountSessions,
  type Given,
  listAccounts,
  resetAccount,
  setDisabled,
  setRole,
  unlockAccount,
} from '../support/accounts.ts'
import { writeAudit } from '../support/audit.ts'
import { isRole } from '../support/roles.ts'
import { endSession, listSessions } from '../support/sessions.ts'
import type { Staff } from './support.ts'

export type ShownAccount = {
  email: string
  role: string
  /** ISO 8601, as all times here. */
  createdAt: string
  signedInAt: string | null
  isDisabled: boolean
  isLocked: boolean
  hasPassword: boolean
  sessions: number
  /** It is the one who looks. */
  isOwn: boolean
}
export type ShownSession = {
  session: string
  address: string | null
  agent: string | null
  since: string
  seen: string
  /** It is the one that looks. */
  isThis: boolean
}
/** What is told once; `picture` is what an authenticator app reads, as an image in a `data:` address. */
export type ShownGiven = Given & { picture: string }
/** What is done to an account: the first two give it what it signs in with. */
export type AccountChange = 'add' | 'reset' | 'role' | 'disable' | 'enable' | 'end' | 'unlock'
export type Changed =
  | { kind: 'given'; given: ShownGiven }
  | { kind: 'done'; change: Exclude<AccountChange, 'add' | 'reset'>; email: string }
  | { kind: 'refused'; trouble: AccountTrouble; email: string }

export type SupportAccounts = {
  list(staff: Staff): Promise<ShownAccount[]>
  /** @param role needed to add an account and to change a role */
  change(staff: Staff, change: AccountChange, email: string, role: string): Promise<Changed>
  sessions(staff: Staff): Promise<ShownSession[]>
  /** Ends one of one's own. @returns whether it was open */
  end(staff: Staff, session: string): Promise<boolean>
}

export function createSupportAccounts(context: { pool: Pool; sealer: Sealer }): SupportAccounts {
  const { pool } = context
  return {
    async list(staff) {
      const accounts = await listAccounts(pool)
      return accounts.map(({ id, createdAt, signedInAt, disabledAt, ...account }) => ({
        ...account,
        createdAt: createdAt.toISOString(),
        signedInAt: signedInAt?.toISOString() ?? null,
        isDisabled: disabledAt !== null,
        isOwn: id === staff.id,
      }))
    },
    async change({ by }, change, email, role) {
      const needed = () => {
        if (!isRole(role)) throw new Response(null, { status: 400 })
        return role
      }
      try {
        switch (change) {
          case 'add':
            return { kind: 'given', given: await withPicture(await addAccount(context, by, email, needed())) }
          case 'reset':
            return { kind: 'given', given: await withPicture(await resetAccount(context, by, email)) }
          case 'role':
            await setRole(context, by, email, needed())
            break
          case 'end':
            await endAccountSessions(context, by, email)
            break
          case 'unlock':
            await unlockAccount(context, by, email)
            break
          default:
            await setDisabled(context, by, email, change === 'disable')
        }
        return { kind: 'done', change, email }
      } catch (error) {
        if (!(error instanceof AccountError)) throw error
        return { kind: 'refused', trouble: error.trouble, email }
      }
    },
    async sessions(staff) {
      const sessions = await listSessions(pool, staff.id)
      return sessions.map(({ session, createdAt, seenAt, address, agent }) => ({
        ...{ session, address, agent },
        since: createdAt.toISOString(),
        seen: seenAt.toISOString(),
        isThis: session === staff.session,
      }))
    },
    end: ({ id, by }, session) =>
      withTransaction(pool, async client => {
        const ended = await endSession(client, id, session)
        if (ended)
          await writeAudit(client, by, [
            { action: 'sessions_ended', subject: by.actor, before: { sessions: 1 } },
          ])
        return ended
      }),
  }
}

async function withPicture(given: Given): Promise<ShownGiven> {
  const svg = await drawn(given.address, { type: 'svg', margin: 2 })
  return { ...given, picture: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}` }
}
