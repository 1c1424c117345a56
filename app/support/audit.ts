/**
 * What support did, written beside what was done: the entry of a change stands in the change's own transaction, so neither is
 * there without the other. Entries are only added (a trigger of the database refuses the rest).
 */
import type { Pool, PoolClient } from 'pg'
import { toJsonb } from '../db/jsonb.ts'
import type { Role } from './roles.ts'

/** Everything that is written down. */
export const AUDIT_ACTIONS = [
  'sign_in',
  'sign_in_failed',
  'sign_out',
  'sessions_ended',
  'reveal',
  'person_search',
  'hold',
  'release',
  'replay',
  'fleet_hold',
  'fleet_release',
  'fleet_stop',
  'fleet_resume',
  'account_add',
  'account_role',
  'account_disable',
  'account_enable',
  'account_reset',
  'account_unlock',
  'keys_rotate',
  'export',
  'vendor_connect',
  'vendor_disconnect',
  'vendor_give_up',
  'vendor_kept',
  'vendor_on',
  'vendor_off',
  'vendor_test',
  'lane_resume',
  'shop_add',
  'shop_set',
  'shop_key',
  'pixel_activate',
  'spool_retry',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/**
 * Who did it. `actor`: an account's e-mail; `command line: NAME` with the name of the system's user; `sluice` for what happened by
 * itself. `role` as it was then; `address` of the browser, or the name of the machine
 * that a command ran on, where there was one.
 */
export type Actor = { actor: string; role: Role | null; address: string | null }
/** Begins the actor of what an operator's command did. */
export const COMMAND_LINE = 'command line: '
/** What nobody did, such as ending a hold whose time has come. */
export const BY_ITSELF: Actor = { actor: 'sluice', role: null, address: null }

/** `shop`: its domain. `subject`: what else it was done to, such as an event's id. `before`, `after`: what JSON can say. */
export type AuditEntry = {
  action: AuditAction
  shop?: string | null
  vendor?: string | null
  subject?: string | null
  reason?: string | null
  before?: unknown
  after?: unknown
}

/** `after` of a release whose reason is written for the merchant too. Those without it were written for the audit alone. */
export const MERCHANT_READS = { merchantReads: true } as const

/** Writes entries, in their order. @param client the transaction of what was done */
export async function writeAudit(
  client: Pool | PoolClient,
  { actor, role, address }: Actor,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return
  await client.query(
    `insert into audit_entries (actor, role, address, action, shop, vendor, subject, reason, before, after)
     select $1, $2, $3, e.action, e.shop, e.vendor, e.subject, e.reason, e.before, e.after
     from jsonb_to_recordset($4) as e (action text, shop text, vendor text, subject text, reason text, before jsonb, after jsonb)`,
    [actor, role, address, toJsonb(entries)],
  )
}
