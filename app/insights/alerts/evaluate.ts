/** One round of the alerts: what is wrong now is opened, raised or lowered, and what is over is resolved. */
import type { Pool } from 'pg'
import { toJsonb } from '../../db/jsonb.ts'
import { stopOf } from '../../delivery/lane-state.ts'
import { troubledLanes } from './lane-states.ts'
import { alertsOf, youngestAge } from './thresholds.ts'
import { messageOf } from './words.ts'

/** Where the operator is told alerts of all shops. */
export type ChannelName = 'email' | 'webhook'
/** Where a shop is told its own. */
export const SHOP_CHANNELS = ['shop_email', 'shop_webhook'] as const
export type ShopChannelName = (typeof SHOP_CHANNELS)[number]

export type AlertRules = {
  /** How old the oldest undelivered delivery of a lane may be, in minutes. */
  ageMinutes: number
  /** The operator's channels that are set up; those of a shop stand with it. */
  channels: readonly ChannelName[]
}

/** Of a notice that says that its alert is over. */
export const RESOLVED = 0

/**
 * A connection that waits for a person may be touched again meanwhile, and waits no shorter for it. One that was released
 * since has stopped anew.
 */
const SAME_STOP = `(a.kind = 'attention' and not exists (
  select from connections c where c.shop_id = a.shop_id and c.vendor = a.vendor and c.released_at > a.since))`

/** The channels on which an alert is told: the operator's, and those of its shop, if it wants to hear of the kind. */
const TOLD_ON = `(select unnest($3::text[]) as channel union all
  select unnest(s.alert_channels) from shops s where s.id = shop_id and kind = any(s.alert_kinds))`

/**
 * Compares what is wrong with what is known to be, in one statement, so that a second process at the same moment
 * changes nothing more. A notice is due for each level that an alert reaches on each channel, once; and one when it
 * is over.
 */
export async function evaluateAlerts(pool: Pool, rules: AlertRules, now: Date): Promise<void> {
  const maxAgeMs = rules.ageMinutes * 60_000
  const lanes = await troubledLanes(pool, now, youngestAge(maxAgeMs))
  const raised = lanes.flatMap(lane =>
    alertsOf(lane, now, maxAgeMs).map(({ kind, level, since, lingering = false }) => ({
      shop_id: lane.shopId,
      vendor: lane.vendor,
      kind,
      level,
      since,
      lingering,
      message: messageOf(
        kind,
        level,
        lane.vendor,
        stopOf({ enabled: true, attention: lane.attention, hold_reason: null }),
      ),
    })),
  )
  await pool.query(
    `with raised as (
       select * from jsonb_to_recordset($1::jsonb)
         as r(shop_id int, vendor text, kind text, level int, since timestamptz, lingering boolean, message text)),
     changed as (
       insert into alerts as a (shop_id, vendor, kind, opened_at, level, since, message)
       select shop_id, vendor, kind, $2, level, since, message from raised where not lingering
       order by shop_id, vendor, kind
       on conflict (shop_id, vendor, kind) where resolved_at is null do update set
         level = excluded.level, message = excluded.message,
         since = case when ${SAME_STOP} then least(a.since, excluded.since) else excluded.since end
       where (a.level, a.message) is distinct from (excluded.level, excluded.message)
         or (a.since <> excluded.since and not ${SAME_STOP})
       returning shop_id, vendor, kind, opened_at, level),
     standing as (
       select shop_id, vendor, kind, a.opened_at, r.level
       from alerts a join raised r using (shop_id, vendor, kind) where a.resolved_at is null),
     over as (
       update alerts a set resolved_at = $2
       where resolved_at is null and not exists (
         select from raised r where r.shop_id = a.shop_id and r.vendor = a.vendor and r.kind = a.kind)
       returning shop_id, vendor, kind, opened_at)
     insert into alert_notices (shop_id, vendor, kind, opened_at, level, channel, due_at)
     select shop_id, vendor, kind, opened_at, level, channel, $2
     from (select * from changed union select * from standing) reached cross join lateral ${TOLD_ON} told
     union all
     select distinct shop_id, vendor, kind, opened_at, ${RESOLVED}, channel, $2::timestamptz
     from over join alert_notices using (shop_id, vendor, kind, opened_at)
     where channel = any($3) or channel in (select unnest(s.alert_channels) from shops s where s.id = shop_id)
     on conflict do nothing`,
    [toJsonb(raised), now, rules.channels],
  )
}

/** Deletes alerts, and what was told of them, that were over before the given time. @returns how many */
export async function forgetAlerts(pool: Pool, before: Date): Promise<number> {
  const { rowCount } = await pool.query('delete from alerts where resolved_at < $1', [before])
  return rowCount ?? 0
}
