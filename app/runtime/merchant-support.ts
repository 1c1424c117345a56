/** What support did to a shop, as its merchant may know it: what, when and why. Who of support it was is support's own matter. */
import type { Pool } from 'pg'
import { z } from 'zod'
import { idIn } from '../events/id.ts'
import { type AuditLine, type AuditPlace, auditPage } from '../insights/audit.ts'
import type { Shop } from '../shopify/shops.ts'
import { type AuditAction, BY_ITSELF, MERCHANT_READS } from '../support/audit.ts'
import { nameOf } from '../vendors/registry.ts'
import { changedHold } from './told-hold.ts'
import { type ToldReplay, toldReplay } from './told-replay.ts'

/** What is told, and as what. What support looked at or tried without changing anything of the shop is not. */
const TOLD = {
  hold: 'hold',
  release: 'release',
  replay: 'replay',
  reveal: 'reveal',
  vendor_connect: 'connect',
  vendor_disconnect: 'disconnect',
  vendor_give_up: 'giveUp',
  vendor_on: 'on',
  vendor_off: 'off',
  shop_set: 'settings',
} as const satisfies Partial<Record<AuditAction, string>>
const TOLD_ACTIONS = Object.keys(TOLD) as (keyof typeof TOLD)[]
const PAGE = 25

export type ToldDeed = {
  id: string
  /** ISO 8601. */
  at: string
  what: (typeof TOLD)[keyof typeof TOLD] | 'ended' | 'changed'
  vendor: string | null
  /** Of what is written for the merchant too. */
  reason: string | null
  /** Of an event of the shop that it was done to. */
  event: string | null
  /** What was sent again; null: it is something else, or that is not noted. */
  replay: ToldReplay | null
}
export type ToldDeeds = {
  /** Newest first. */
  deeds: ToldDeed[]
  newer: AuditPlace | null
  older: AuditPlace | null
}
export type MerchantSupport = {
  deeds(shop: Shop, place: AuditPlace | null): Promise<ToldDeeds>
}

export function createMerchantSupport({ pool }: { pool: Pool }): MerchantSupport {
  return {
    async deeds({ domain }, place) {
      const filter = { shop: domain, actions: TOLD_ACTIONS }
      const { lines, newer, older } = await auditPage(pool, filter, place, PAGE)
      return { deeds: lines.flatMap(told), newer, older }
    },
  }
}

const WITH_REASON: readonly AuditAction[] = ['hold', 'reveal', 'replay']
/** Of a release. Whoever gave its reason before there was this was told that the merchant does not read it. */
const merchantReads = z.object({ merchantReads: z.literal(MERCHANT_READS.merchantReads) })
/** Of others the subject is something else, such as the id of a fleet action. */
const OF_AN_EVENT: readonly AuditAction[] = ['replay', 'reveal']

function told(line: AuditLine): ToldDeed[] {
  const { id, at, action, vendor, reason, subject, after } = line
  const known = TOLD_ACTIONS.find(each => each === action)
  if (known === undefined) return []
  const name = vendor && nameOf(vendor)
  const event = OF_AN_EVENT.includes(known) ? idIn(subject) : null
  const why = WITH_REASON.includes(known) || merchantReads.safeParse(after).success ? reason : null
  const replay = known === 'replay' ? toldReplay(after) : null
  return [{ id, at: at.toISOString(), what: whatOf(known, line), vendor: name, reason: why, event, replay }]
}

function whatOf(action: keyof typeof TOLD, line: AuditLine): ToldDeed['what'] {
  if (action === 'release' && line.actor === BY_ITSELF.actor) return 'ended'
  return changedHold(line) ? 'changed' : TOLD[action]
}
