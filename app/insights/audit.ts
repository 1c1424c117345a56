/**
 * What support did, newest first, by pages: each begins at an entry's id, none counts or skips rows. Of what is asked for, that
 * which narrows most gives candidates in their order, by an index; the rest is asked of each. No more than so many candidates
 * are looked at for a page, which then says how far back it has looked.
 */
import type { Pool } from 'pg'
import { z } from 'zod'
import { vendorNamed } from '../delivery/connections.ts'
import type { AuditAction } from '../support/audit.ts'
import { shownSettings } from './vendor-settings.ts'

/** All that is given must be so. Times are of when it was done. */
export type AuditFilter = {
  /** Exactly as written: an e-mail, `command line: NAME`, `sluice`. */
  actor?: string | undefined
  /** One of them. */
  actions?: readonly AuditAction[] | undefined
  /** The shop's domain. */
  shop?: string | undefined
  vendor?: string | undefined
  /** The id of a fleet action: itself, its stops, and each of its shops. */
  fleet?: string | undefined
  /** Also the entries of each shop of fleet actions, of which there are thousands: see `leavesShopsOut`. */
  eachShop?: boolean | undefined
  /** At or after. */
  since?: Date | undefined
  /** Before. */
  until?: Date | undefined
  /** A text that the reason holds, in whatever case. */
  reason?: string | undefined
}

/**
 * Whether entries of each shop of a fleet action are left out: unless they are asked for, or a shop, an action or a fleet action is.
 * The fleet action's own entry, which says for how many shops it was, is there all the same.
 */
export function leavesShopsOut({ eachShop = false, shop, actions, fleet }: AuditFilter): boolean {
  return !eachShop && shop === undefined && actions === undefined && fleet === undefined
}

/** SQL: entries that are not of one shop of a fleet action. Indexes are partial by these very words. */
const NOT_OF_FLEET = "action not in ('hold', 'release') or subject is null"

/** Where a page begins: at what is older, or newer, than an entry. */
export type AuditPlace = { before: string } | { after: string }

export type AuditLine = {
  id: string
  at: Date
  actor: string
  role: string | null
  address: string | null
  action: string
  shop: string | null
  vendor: string | null
  subject: string | null
  reason: string | null
  before: unknown
  after: unknown
}

/** `lookedBackTo`: where the search was given up before the page was full; null: it was not. */
export type AuditPage = {
  /** Newest first. */
  lines: AuditLine[]
  newer: AuditPlace | null
  older: AuditPlace | null
  lookedBackTo: Date | null
}

/** Candidates looked at for a page at most: some 100 ms. */
export const MOST_LOOKED_AT = 20_000

/**
 * An entry's time is when its transaction began, its number was drawn somewhat later: up to an hour, which is longer than any
 * transaction of ours may take. So times say between which numbers an entry is.
 */
const LONGEST = "interval '1 hour'"

/** @param most entries on a page */
export async function auditPage(
  pool: Pool,
  filter: AuditFilter,
  place: AuditPlace | null,
  most = 50,
  mostLookedAt = MOST_LOOKED_AT,
): Promise<AuditPage> {
  const newer = place !== null && 'after' in place
  const range = {
    ...(await rangeOf(pool, filter)),
    ...(place && 'before' in place && { before: place.before }),
  }
  if (newer) range.after = larger(range.after, place.after)
  const asked = { range, order: newer ? 'asc' : 'desc', most: most + 1, mostLookedAt } as const
  const found = await look(pool, filter, asked)
  const shown = found.slice(0, most)
  const more = found.length > most
  const gaveUpAt = more ? null : await lastCandidate(pool, filter, asked)
  const lines = newer ? shown.toReversed() : shown
  // Beyond a page on which nothing was found is where the search went on to, and back is where it came from.
  const upper = newer ? (gaveUpAt?.id ?? lines[0]?.id) : (lines[0]?.id ?? idOf(place))
  const lower = newer ? (lines.at(-1)?.id ?? idOf(place)) : (gaveUpAt?.id ?? lines.at(-1)?.id)
  const goesOn = more || gaveUpAt !== null
  const hasNewer = newer ? goesOn : place !== null
  const hasOlder = newer || goesOn
  return {
    lines,
    newer: hasNewer && upper !== undefined ? { after: upper } : null,
    older: hasOlder && lower !== undefined ? { before: lower } : null,
    lookedBackTo: gaveUpAt?.at ?? null,
  }
}

const idOf = (place: AuditPlace | null) =>
  place === null ? undefined : 'before' in place ? place.before : place.after

/** Who is in the audit, in the order of their names; so many at most. */
export async function auditActors(pool: Pool, most = 200): Promise<string[]> {
  const { rows } = await pool.query<{ actor: string }>(
    `with recursive seen as (
       (select actor, 1 as number from audit_entries order by actor limit 1)
       union all
       select (select e.actor from audit_entries e where e.actor > seen.actor order by e.actor limit 1), number + 1
       from seen where seen.actor is not null and number < $1)
     select actor from seen where actor is not null`,
    [most],
  )
  return rows.map(({ actor }) => actor)
}

/**
 * Everything that a filter finds, as it is now, the newest first, some thousand entries at a time.
 * @param before entries before this one
 */
export async function* auditEntries(
  pool: Pool,
  filter: AuditFilter,
  before: string | null,
  step = 1_000,
): AsyncGenerator<AuditLine[]> {
  let place: AuditPlace | null = before === null ? null : { before }
  do {
    const page: AuditPage = await auditPage(pool, filter, place, step)
    if (page.lines.length > 0) yield page.lines
    place = page.older
  } while (place)
}

/** Numbers above the one and below the other; null: no such bound. */
type Range = { after: string | null; before: string | null }
type Asked = { range: Range; order: 'asc' | 'desc'; most: number; mostLookedAt: number }

async function rangeOf(pool: Pool, { since, until }: AuditFilter): Promise<Range> {
  if (!since && !until) return { after: null, before: null }
  const { rows } = await pool.query<Range>(
    `select (select id from audit_entries where at < $1::timestamptz - ${LONGEST} order by at desc limit 1) as after,
            (select id from audit_entries where at > $2::timestamptz + ${LONGEST} order by at limit 1) as before`,
    [since ?? null, until ?? null],
  )
  return rows[0] ?? { after: null, before: null }
}

function larger(a: string | null, b: string): string {
  return a !== null && BigInt(a) > BigInt(b) ? a : b
}

const COLUMNS = 'id, at, actor, role, address, action, shop, vendor, subject, reason, before, after'

async function look(pool: Pool, filter: AuditFilter, asked: Asked): Promise<AuditLine[]> {
  const candidates = candidatesOf(filter, asked.range)
  const matches = matchesOf(filter, candidates.values)
  const { rows } = await pool.query<AuditLine>(
    `select ${COLUMNS} from (
       select ${COLUMNS} from audit_entries where ${candidates.sql} order by id ${asked.order} limit ${asked.mostLookedAt}
     ) e where ${matches.sql} order by id ${asked.order} limit ${asked.most}`,
    matches.values,
  )
  return rows.map(withSettingsMasked)
}

const settings = z.record(z.string(), z.unknown())

/** Entries stay as they were written: what signs in was not masked yet in some. */
function withSettingsMasked(line: AuditLine): AuditLine {
  const vendor = line.action === 'vendor_connect' && line.vendor !== null ? vendorNamed(line.vendor) : null
  if (!vendor) return line
  const masked = (given: unknown) => {
    const { data } = settings.safeParse(given)
    return data ? shownSettings(vendor, data) : given
  }
  return { ...line, before: masked(line.before), after: masked(line.after) }
}

/** The candidate with which the search was given up; null: all there are were looked at. */
async function lastCandidate(
  pool: Pool,
  filter: AuditFilter,
  { range, order, mostLookedAt }: Asked,
): Promise<{ id: string; at: Date } | null> {
  const { sql, values } = candidatesOf(filter, range)
  const { rows } = await pool.query<{ id: string; at: Date }>(
    `select id, at from audit_entries where ${sql} order by id ${order} offset ${mostLookedAt - 1} limit 1`,
    values,
  )
  return rows[0] ?? null
}

/** A condition and its values, those before it among them. */
type Condition = { sql: string; values: unknown[] }

/** What one index answers in order: a fleet action and a shop have fewer entries than a person, a person fewer than a kind of action. */
function candidatesOf(filter: AuditFilter, { after, before }: Range): Condition {
  const { shop, actor, actions, fleet } = filter
  const [only] = actions?.length === 1 ? actions : []
  const narrowest = [
    ['shop', shop],
    ['subject', fleet],
    ['actor', actor],
    ['action', only],
  ].find(([, value]) => value !== undefined)
  const { sql, values } = allOf(
    [['id >', after], ['id <', before], ...(narrowest ? [[`${narrowest[0]} =`, narrowest[1]] as const] : [])],
    [],
  )
  return { sql: leavesShopsOut(filter) ? `${sql} and (${NOT_OF_FLEET})` : sql, values }
}

function matchesOf(
  { shop, actor, actions, vendor, fleet, since, until, reason }: AuditFilter,
  values: unknown[],
) {
  return allOf(
    [
      ['shop =', shop],
      ['actor =', actor],
      ['action = any', actions],
      ['vendor =', vendor],
      ['subject =', fleet],
      ['at >=', since],
      ['at <', until],
      ['reason ilike', reason === undefined ? undefined : `%${reason.replaceAll(/[\\%_]/g, '\\$&')}%`],
    ],
    values,
  )
}

function allOf(asked: readonly (readonly [string, unknown])[], before: readonly unknown[]): Condition {
  const given = asked.filter(([, value]) => value !== undefined && value !== null)
  const conditions = given.map(([what], place) => `${what} ($${before.length + place + 1})`)
  return { sql: conditions.join(' and ') || 'true', values: [...before, ...given.map(([, value]) => value)] }
}
