/** Telling what is due to be told: all of a channel in one message, again later when that fails, and not for ever. */
import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import { COUNTED_UP_TO } from '../../delivery/lane.ts'
import type { Log } from '../../log.ts'
import type { Channel, Told } from './channels.ts'
import { type ChannelName, RESOLVED, type ShopChannelName } from './evaluate.ts'

/** A channel that fails is left alone for a minute, then two, four …, an hour at most; after ten tries it is not told. */
const RETRY = { firstSeconds: 60, mostSeconds: 3600, tries: 10 }
/** What one message has room for; the rest is counted in it. */
const IN_ONE_MESSAGE = 100

type Notice = Told & { shopId: number }

/**
 * Sends what is due on each channel, the channels side by side: one that is slow or dead delays no other. Told at
 * least once: a process that dies between a message and its record tells it again, under the same id.
 */
export async function tellAlerts(
  pool: Pool,
  channels: Readonly<Partial<Record<ChannelName, Channel>>>,
  log: Log,
  now: Date,
): Promise<void> {
  const results = await Promise.allSettled(
    Object.entries(channels).map(([name, channel]) => tell(pool, name, channel, log, now)),
  )
  const failed = results.find(result => result.status === 'rejected')
  if (failed) throw failed.reason
}

/** As many shops' channels are told at a time, and as many in one run. */
const AT_ONCE = 16
const IN_ONE_RUN = 1_000

export type ShopChannels = Readonly<Partial<Record<ShopChannelName, Channel>>>

/**
 * Sends each shop what is due on its own channels, a message for each: a shop hears of no other. What one shop's address does
 * delays no more than one of several places, and what goes wrong with one keeps no other from being told.
 * @param usable what this installation can tell by: a notice for another channel takes no place of one that can be told
 * @param channelsOf what a shop has set up; a notice for what it has no more is given up
 * @throws what went wrong first, when all shops have had their turn
 */
export async function tellShopAlerts(
  pool: Pool,
  usable: readonly ShopChannelName[],
  channelsOf: (shopId: number) => Promise<ShopChannels>,
  log: Log,
  now: Date,
): Promise<void> {
  const due = await pool.query<{ shop_id: number; channel: ShopChannelName }>(
    `select distinct n.shop_id, n.channel from alert_notices n join shops s on s.id = n.shop_id
     where n.channel = any($2) and n.channel = any(s.alert_channels) and s.uninstalled_at is null
       and n.sent_at is null and n.failed_at is null and n.due_at <= $1
     order by n.shop_id, n.channel limit ${IN_ONE_RUN}`,
    [now, usable],
  )
  const waiting = due.rows.values()
  const failures: unknown[] = []
  const place = async () => {
    for (const { shop_id: shopId, channel: name } of waiting) {
      try {
        await tellShop(pool, name, channelsOf, log, now, shopId)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, place))
  if (failures.length > 0) throw failures[0]
}

async function tellShop(
  pool: Pool,
  name: ShopChannelName,
  channelsOf: (shopId: number) => Promise<ShopChannels>,
  log: Log,
  now: Date,
  shopId: number,
): Promise<void> {
  const channels = await channelsOf(shopId).catch((error: unknown) => {
    // Its name alone: what could not be read are addresses.
    const { name: why } = error as Error
    log.warn({ shopId, why }, "a shop's channels cannot be read; its alerts are tried again")
    return null
  })
  // What cannot be read is put off like a channel that fails, and not for ever.
  if (!channels) return tell(pool, name, UNREADABLE, log, now, shopId)
  const channel = channels[name]
  if (channel) return tell(pool, name, channel, log, now, shopId)
  const claimed = await claim(pool, name, now, shopId)
  await mark(pool, name, claimed, 'failed_at = $3 where', now)
}

const UNREADABLE: Channel = { send: () => Promise.reject(new Error('the channel cannot be read')) }

/** @param shopId of one shop; null: of all */
async function tell(
  pool: Pool,
  name: string,
  channel: Channel,
  log: Log,
  now: Date,
  shopId: number | null = null,
): Promise<void> {
  const claimed = await claim(pool, name, now, shopId)
  if (claimed.length === 0) return
  const { alerts, count, id } = await toTell(pool, claimed)
  try {
    await channel.send({ id, at: now, alerts, more: count - alerts.length })
  } catch (error) {
    // Not the error itself: a mail server's may hold addresses and what was said to it.
    const code = (error as { code?: string }).code ?? (error as Error).message
    log.warn({ channel: name, alerts: count, code }, 'alerts not told; they are tried again')
    await mark(pool, name, claimed, `failed_at = $3 where n.tries >= ${RETRY.tries} and`, now)
    return
  }
  await mark(pool, name, claimed, 'sent_at = $3 where', now)
}

type Claimed = { shop_id: number; vendor: string; kind: string; opened_at: Date; level: number }

/**
 * Takes what is to be told now, and puts it off until the next try. What an evaluation adds in the meantime is not among
 * it, and told by the next run.
 */
async function claim(pool: Pool, channel: string, now: Date, shopId: number | null): Promise<Claimed[]> {
  const result = await pool.query<Claimed>(
    `update alert_notices set tries = tries + 1,
       due_at = $2::timestamptz + make_interval(secs => least($3 * power(2, tries), $4))
     where channel = $1 and sent_at is null and failed_at is null and due_at <= $2
       and ($5::int is null or shop_id = $5)
     returning shop_id, vendor, kind, opened_at, level`,
    [channel, now, RETRY.firstSeconds, RETRY.mostSeconds, shopId],
  )
  return result.rows
}

const KEYS = `jsonb_to_recordset($1::jsonb) as k(shop_id int, vendor text, kind text, opened_at timestamptz, level int)`

async function mark(
  pool: Pool,
  channel: string,
  claimed: readonly Claimed[],
  change: string,
  now: Date,
): Promise<void> {
  await pool.query(
    `update alert_notices n set ${change} n.channel = $2 and (n.shop_id, n.vendor, n.kind, n.opened_at, n.level) in (
       select shop_id, vendor, kind, opened_at, level from ${KEYS})`,
    [JSON.stringify(claimed), channel, now],
  )
}

/** SQL: how many deliveries of the lane of an alert `a` stand so, each kind through an index of its own. */
const standing = (states: string) =>
  `(select count(*)::int from (select from deliveries d
     where d.shop_id = a."shopId" and d.vendor = a.vendor and d.state ${states} limit ${COUNTED_UP_TO}) n)`
const WAITING = `least(${standing("in ('pending', 'retry')")} + ${standing("= 'held'")}, ${COUNTED_UP_TO})`

/** SQL: whether nothing stops the lane of an alert `a`, and nothing makes it wait. */
const GOES = `exists (select from connections c where c.shop_id = a."shopId" and c.vendor = a.vendor
  and c.enabled and c.attention is null and c.hold_reason is null and coalesce(c.paused_until <= now(), true))
  and not exists (select from circuits where open_until > now()
    and key in ('lane:' || a."shopId" || ':' || a.vendor, 'vendor:' || a.vendor))`

/** The worst first. An alert with several notices is told once, as it is now. */
async function toTell(
  pool: Pool,
  claimed: readonly Claimed[],
): Promise<{ alerts: Notice[]; count: number; id: string }> {
  const result = await pool.query<Notice & { count: number; told: string }>(
    `with told as (
       select shop_id, vendor, kind, opened_at, array_agg(level order by level) as levels, ${RESOLVED} = any(array_agg(level)) as over
       from ${KEYS} group by shop_id, vendor, kind, opened_at),
     first as materialized (
       select a.shop_id as "shopId", s.domain as shop, a.vendor, a.kind, a.level, a.since, a.opened_at as "openedAt", a.message,
              case when told.over then a.resolved_at end as "resolvedAt",
              count(*) over ()::int as count, told.levels::text as told, told.over
       from told join alerts a using (shop_id, vendor, kind, opened_at) join shops s on s.id = a.shop_id
       order by told.over, a.level desc, a.since, a.shop_id, a.vendor, a.kind limit $2)
     select a.*, ${WAITING} as waiting, a.over and ${GOES} as "goesOut" from first a
     order by a.over, a.level desc, a.since, a."shopId", a.vendor, a.kind`,
    [JSON.stringify(claimed), IN_ONE_MESSAGE],
  )
  const hash = createHash('sha256')
  for (const { shopId, vendor, kind, openedAt, told } of result.rows)
    hash.update(`${shopId} ${vendor} ${kind} ${openedAt.toISOString()} ${told}\n`)
  const count = result.rows[0]?.count ?? 0
  return { alerts: result.rows, count, id: hash.digest('hex').slice(0, 32) }
}
