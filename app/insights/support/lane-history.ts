/** What became of a shop's connection to a vendor: changes that a trigger noted, with who made them and why, and alerts that began and ended. */
import type { Pool } from 'pg'
import type { Lane } from '../../delivery/lane.ts'
import { HELD_REASONS } from '../../delivery/outcome.ts'
import { ENTRIES_OF_CHANGES, madeBy } from '../change-makers.ts'

export type HistoryLine = {
  /** ISO 8601 */
  at: string
  /** As in connection_changes; "hold_changed" of a hold that stood already; "disconnecting" and "disconnecting_over", "alert" and "alert_over" */
  what: string
  /** Of an alert: waiting, giving_up, attention. */
  kind: string | null
  message: string | null
  /** Of the audit; null: the merchant, the vendor's answer, or a time before there was an audit. */
  actor: string | null
  reason: string | null
}
/** Where the next page begins: before this change, and at what is older than this alert. Each null: at the newest. */
export type HistoryPlace = { change: string | null; alert: { at: string; key: string } | null }
/** `older` null: that was all. */
export type History = { lines: HistoryLine[]; older: HistoryPlace | null }

const PAGE = 50

/**
 * Newest first. Each kind is read from its place on, a page's worth at a time, however much there is.
 * @param shop the shop's domain
 * @param place null: from the newest
 */
export async function laneHistory(
  pool: Pool,
  lane: Lane,
  shop: string,
  place: HistoryPlace | null,
): Promise<History> {
  const [changes, alerts] = await Promise.all([
    changesOf(pool, lane, shop, place?.change ?? null),
    alertsOf(pool, lane, place?.alert ?? null),
  ])
  const lines: HistoryLine[] = []
  let [change, alert] = [place?.change ?? null, place?.alert ?? null]
  while (lines.length < PAGE && changes.length + alerts.length > 0) {
    const [nextChange, nextAlert] = [changes[0], alerts[0]]
    // Changes stand in the order in which they were made, which their times may miss by as long as a transaction takes.
    if (nextChange && (!nextAlert || nextChange.at >= nextAlert.at)) {
      const { id, ...line } = nextChange
      changes.shift()
      lines.push({ ...line, kind: null })
      change = id
    } else if (nextAlert) {
      const { key, ...line } = nextAlert
      alerts.shift()
      lines.push({ ...line, actor: null, reason: null })
      alert = { at: line.at, key }
    }
  }
  return { lines, older: changes.length + alerts.length > 0 ? { change, alert } : null }
}

type Change = Omit<HistoryLine, 'kind'> & { id: string }
type Noted = Change & { stoodAlready: boolean }
type Alert = Omit<HistoryLine, 'actor' | 'reason'> & { key: string }

const iso = (at: string) => `to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** For the test of its plan too. */
export const CHANGES = `select h.id::text, ${iso('h.at')} as at, h.what, h.message, a.actor, a.reason,
    h.what = 'hold' and coalesce((select p.what from connection_changes p
      where p.shop_id = $1 and p.vendor = $2 and p.id < h.id and p.what in ('hold', 'release', 'connected', 'disconnected')
      order by p.id desc limit 1) = 'hold', false) as "stoodAlready"
  from (select id, at, what, message from connection_changes
        where shop_id = $1 and vendor = $2 and ($3::bigint is null or id < $3) order by id desc limit ${PAGE + 1}) h
  ${madeBy('$4', '$2', '$5')}
  order by h.id desc`

async function changesOf(
  pool: Pool,
  { shopId, vendor }: Lane,
  shop: string,
  before: string | null,
): Promise<Change[]> {
  const { rows } = await pool.query<Noted>(CHANGES, [shopId, vendor, before, shop, ENTRIES_OF_CHANGES])
  return rows.map(told)
}

/** A disconnection that is under way stands where else stands what needs a person. */
function told({ stoodAlready, ...change }: Noted): Change {
  const isDisconnecting = change.message === HELD_REASONS.disconnecting
  switch (change.what) {
    case 'hold':
      return stoodAlready ? { ...change, what: 'hold_changed' } : change
    case 'attention':
      return isDisconnecting ? { ...change, what: 'disconnecting', message: null } : change
    case 'attention_over':
      // Why it was needed stands where that began.
      return { ...change, what: isDisconnecting ? 'disconnecting_over' : change.what, message: null }
    default:
      return change
  }
}

/** Since when a lane waits for a person, whatever else stops it; null: that is not noted (any more). */
export async function attentionSince(pool: Pool, { shopId, vendor }: Lane): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date }>(
    `select at from connection_changes where shop_id = $1 and vendor = $2 and what = 'attention' order by at desc limit 1`,
    [shopId, vendor],
  )
  return rows[0]?.at ?? null
}

/** Of a lane no more are kept than began within the retention. */
async function alertsOf(
  pool: Pool,
  { shopId, vendor }: Lane,
  place: HistoryPlace['alert'],
): Promise<Alert[]> {
  const { rows } = await pool.query<Alert>(
    `select ${iso('at')} as at, key, what, kind, message from (
       select opened_at as at, 'a' || kind as key, 'alert' as what, kind, message
       from alerts where shop_id = $1 and vendor = $2
       union all
       select resolved_at, 'b' || kind, 'alert_over', kind, null
       from alerts where shop_id = $1 and vendor = $2 and resolved_at is not null) h
     where $3::timestamptz is null or (at, key) < ($3, $4)
     order by h.at desc, key desc limit ${PAGE + 1}`,
    [shopId, vendor, place?.at ?? null, place?.key ?? null],
  )
  return rows
}
