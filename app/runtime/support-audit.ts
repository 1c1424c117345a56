/** What the audit's pages ask for. */
import type { Pool } from 'pg'
import { z } from 'zod'
import { storable } from '../db/jsonb.ts'
import { idIn } from '../events/id.ts'
import {
  type AuditFilter,
  type AuditLine,
  type AuditPlace,
  auditActors,
  auditEntries,
  auditPage,
  leavesShopsOut,
} from '../insights/audit.ts'
import { type Change, changesOf } from '../insights/audit-changes.ts'
import { settingsOf } from '../insights/vendor-settings.ts'
import { scrub } from '../privacy/mask.ts'
import { AUDIT_ACTIONS, type AuditAction, type AuditEntry, writeAudit } from '../support/audit.ts'
import { atLeast } from '../support/roles.ts'
import { isLive } from '../support/sessions.ts'
import { nameOf, VENDORS } from '../vendors/registry.ts'
import type { Staff } from './support.ts'
import { changedHold } from './told-hold.ts'
import { type ToldReplay, toldReplay } from './told-replay.ts'

export type { AuditFilter, AuditPlace } from '../insights/audit.ts'
export { leavesShopsOut } from '../insights/audit.ts'
export type { AuditAction } from '../support/audit.ts'

/** `label`: what the vendor's own setting is called; null: it is none. */
export type ShownChange = Change & { label: string | null }
/** As JSON, with the vendor's name, and what was otherwise before. */
export type ShownEntry = Omit<AuditLine, 'at' | 'before' | 'after' | 'subject' | 'reason'> & {
  at: string
  vendorName: string | null
  /** Null also where `changes` say it, beside the one before. */
  reason: string | null
  /** What else it was done to, where that is nothing that there is a page of. */
  subject: string | null
  /** The event of the shop that it was done to. */
  event: string | null
  /** The fleet action that it is, or is part of. `shops`: for how many it was begun; null: this is not its beginning. */
  fleet: { id: string; shops: number | null } | null
  /** What was sent again; null: the entry is of something else, or says nothing of it. */
  replay: ToldReplay | null
  changes: ShownChange[]
  /** Where the action alone would say too much: there was nothing to do, or a hold stood already; null: it says it. */
  manner: 'changedNothing' | 'changed' | null
}
export type AuditView = {
  entries: ShownEntry[]
  newer: AuditPlace | null
  older: AuditPlace | null
  lookedBackTo: string | null
  /** Whether entries of each shop of a fleet action are not among them. */
  withoutEachShop: boolean
  /** Who is in the audit. */
  actors: string[]
}

export type SupportAudit = {
  actions: readonly AuditAction[]
  vendors: { id: string; name: string }[]
  /** From where and by which browser, which is personal to those who work here, is shown to admins. */
  page(staff: Staff, filter: AuditFilter, place: AuditPlace | null): Promise<AuditView>
  /**
   * Lines of JSON, an entry on each, the newest first. That it was taken is an entry itself, written before the first line. Broken off
   * when the session is over.
   */
  export(staff: Staff, filter: AuditFilter): Promise<ReadableStream<Uint8Array>>
}

/** What an entry says that names a browser. */
const agentSchema = z.looseObject({ agent: z.unknown() })

export function createSupportAudit({ pool }: { pool: Pool }): SupportAudit {
  return {
    actions: AUDIT_ACTIONS,
    vendors: VENDORS.map(({ id, name }) => ({ id, name })),
    async page({ role }, filter, place) {
      const [page, actors] = await Promise.all([auditPage(pool, filter, place), auditActors(pool)])
      return {
        entries: page.lines.map(line => shownEntry(atLeast(role, 'admin') ? line : withoutBrowser(line))),
        newer: page.newer,
        older: page.older,
        lookedBackTo: page.lookedBackTo?.toISOString() ?? null,
        withoutEachShop: leavesShopsOut(filter),
        actors,
      }
    },
    async export({ by, session }, filter) {
      await writeAudit(pool, by, [exportEntry(filter)])
      return linesOf(auditEntries(pool, filter, null), () => isLive(pool, session))
    },
  }
}

/** That the audit was taken as a file. What was looked for is masked as stored texts are. */
export function exportEntry(filter: AuditFilter): AuditEntry {
  const reason = filter.reason === undefined ? {} : { reason: storable(scrub(filter.reason)) }
  const after = { ...filter, ...reason, ...(leavesShopsOut(filter) && { eachShop: false }) }
  return { action: 'export', subject: 'audit', after }
}

/** Actions of which a subject is an event of the shop. */
const OF_AN_EVENT: readonly string[] = ['replay', 'reveal', 'person_search']
const startsFleet = z.object({ shops: z.number() })

/** As the console and the command line tell it. */
export function shownEntry({ at, before, after, subject, reason, ...line }: AuditLine): ShownEntry {
  const { action, shop, vendor } = line
  const id = idIn(subject)
  const event = shop !== null && OF_AN_EVENT.includes(action) ? id : null
  const begins = action === 'fleet_hold' || action === 'fleet_release'
  const isFleet = action.startsWith('fleet_') || action === 'hold' || action === 'release'
  const shops = begins ? (startsFleet.safeParse(after).data?.shops ?? null) : null
  const fleet = isFleet && id !== null ? { id, shops } : null
  const replay = action === 'replay' ? toldReplay(after) : null
  const changes = replay
    ? changesOf(null, { chosen: replay.chosen })
    : changesOf(before, after).filter(({ field }) => !(shops !== null && field === 'shops'))
  return {
    ...line,
    replay,
    manner: mannerOf({ action, before, after }, changes),
    ...{ at: at.toISOString(), vendorName: vendor && nameOf(vendor), event, fleet },
    subject: event === null && fleet === null && action !== 'export' ? subject : null,
    ...saidOnce(reason, changes, action === 'vendor_connect' ? vendor : null),
  }
}

function mannerOf(
  line: Pick<AuditLine, 'action' | 'before' | 'after'>,
  changes: readonly Change[],
): ShownEntry['manner'] {
  if (line.action === 'lane_resume') return changes.length === 0 ? 'changedNothing' : null
  return changedHold(line) ? 'changed' : null
}

/** A reason that is what the hold is for now stands beside the one before, or else by itself. @param of whose settings the changes are of */
function saidOnce(
  reason: string | null,
  changes: readonly Change[],
  of: string | null,
): Pick<ShownEntry, 'reason' | 'changes'> {
  const same = changes.find(({ field, to }) => field === 'reason' && to !== null && to === reason)
  const left = same?.from === null ? changes.filter(each => each !== same) : changes
  const vendor = of === null ? undefined : VENDORS.find(({ id }) => id === of)
  const labels = new Map(vendor ? settingsOf(vendor).map(({ name, label }) => [name, label]) : [])
  return {
    reason: same && same.from !== null ? null : reason,
    changes: left.map(change => ({ ...change, label: labels.get(change.field) ?? null })),
  }
}

function withoutBrowser(line: AuditLine): AuditLine {
  const after = agentSchema.safeParse(line.after)
  if (!after.success) return { ...line, address: null }
  const { agent: _, ...rest } = after.data
  return { ...line, address: null, after: rest }
}

/**
 * Entries are read as the browser takes them: a file of a million is never in memory. A file that ends early looks broken, and is not
 * taken for all there is.
 */
function linesOf(
  pages: AsyncGenerator<AuditLine[]>,
  mayGoOn: () => Promise<boolean>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      if (!(await mayGoOn())) throw new Error('the session is over')
      const { done, value } = await pages.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value.map(line => `${JSON.stringify(line)}\n`).join('')))
    },
    async cancel() {
      await pages.return(undefined)
    },
  })
}
