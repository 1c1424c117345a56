/** The chores of a worker: what comes round, beside the draining of lanes. */
import type { Pool } from 'pg'
import type { Config } from '../config.ts'
import { ensurePartitions } from '../db/partitions.ts'
import { type AbandonedContext, deriveAbandoned } from '../delivery/abandoned.ts'
import { forgetCheckouts } from '../delivery/abandoned-time.ts'
import type { Chore } from '../delivery/chores.ts'
import type { AnyVendor } from '../delivery/connections.ts'
import { resumeDisconnections } from '../delivery/disconnect.ts'
import { lanesDue } from '../delivery/due.ts'
import type { Engine } from '../delivery/engine.ts'
import { eraseRequested } from '../delivery/erasures.ts'
import { forgetIdleAllowances } from '../delivery/gate/gate.ts'
import { endHolds } from '../delivery/hold-ends.ts'
import { laneKey } from '../delivery/lane.ts'
import { lanesUnnamed, welcomeVendors } from '../delivery/lane-state.ts'
import { endWaiting } from '../delivery/waited.ts'
import { forgetLinks, forgetRefusals } from '../identity/retention.ts'
import { emailChannel, webhookChannel } from '../insights/alerts/channels.ts'
import { type ChannelName, evaluateAlerts, forgetAlerts, SHOP_CHANNELS } from '../insights/alerts/evaluate.ts'
import { tellAlerts, tellShopAlerts } from '../insights/alerts/notices.ts'
import { shopChannels } from '../insights/alerts/shop-channels.ts'
import { takeLaneHealth } from '../insights/lane-health.ts'
import { opensWith } from '../insights/lane-stands.ts'
import { forgetDays, rollUpDays } from '../insights/roll-up-days.ts'
import { forgetMemories, forgetOld } from '../privacy/retention.ts'
import { forgetOldOfShops } from '../privacy/shop-retention.ts'
import type { Admin } from '../shopify/admin/client.ts'
import { activatePixel } from '../shopify/admin/pixel.ts'
import { pixelAddress, pixelsToSet } from '../shopify/admin/pixel-state.ts'
import { forgetFetches, forgetSessions } from '../shopify/admin/retention.ts'
import { learnShop, shopsToAsk } from '../shopify/admin/shop-facts.ts'
import { forgetSupportSessions } from '../support/sessions.ts'
import { forgetAttempts } from '../support/throttle.ts'
import { askRunningFleet } from './fleet-task.ts'

/** How many lanes one sweep signals. */
const SWEEP_LANES = 1000
const DAY_MS = 24 * 3600 * 1000

export function choresOf(
  context: AbandonedContext & { admin: Admin; ask: Engine['ask'] },
  vendors: readonly Pick<AnyVendor, 'id'>[],
  { alerts, retentionDays, shopify }: Pick<Config, 'alerts' | 'retentionDays' | 'shopify'>,
): Chore[] {
  const { pool, log } = context
  const channels = {
    ...(alerts.email && { email: emailChannel(alerts.email) }),
    ...(alerts.webhook && { webhook: webhookChannel(alerts.webhook) }),
  }
  const ofShop = (shopId: number) => shopChannels(pool, context.sealer, alerts.email, shopId, shopify.apiKey)
  const usable = SHOP_CHANNELS.filter(name => name !== 'shop_email' || alerts.email !== null)
  const rules = { ageMinutes: alerts.ageMinutes, channels: Object.keys(channels) as ChannelName[] }
  return [
    {
      name: 'sweep',
      everySeconds: 10,
      run: async () => {
        await welcomeVendors(
          pool,
          vendors.map(({ id }) => id),
        )
        await endHolds(pool)
        context.signal(await lanesDue(pool, SWEEP_LANES))
        context.signal(await lanesUnnamed(pool, SWEEP_LANES))
      },
    },
    {
      name: 'disconnections',
      everySeconds: 60,
      run: async lost => {
        const lanes = await resumeDisconnections(pool, lost)
        if (lanes.length > 0) log.info({ lanes: lanes.map(laneKey) }, 'disconnections that were broken off')
      },
    },
    {
      name: 'fleet',
      everySeconds: 10,
      run: () => askRunningFleet(pool, context.ask, log),
    },
    {
      name: 'abandoned-checkouts',
      everySeconds: 60,
      run: async lost => deriveAbandoned(context, await databaseNow(pool), lost),
    },
    {
      name: 'unknown-visitors',
      everySeconds: 60,
      run: lost => endWaiting(context, lost),
    },
    {
      name: 'erasures',
      everySeconds: 60,
      run: lost => eraseRequested(context, lost),
    },
    {
      name: 'retention',
      everySeconds: 3600,
      run: lost => retain(context, retentionDays, lost),
    },
    // Apart: what one merchant's choice makes old in a moment must not delay what is everybody's.
    {
      name: 'shop-retention',
      everySeconds: 600,
      run: async lost => forgetOldOfShops(pool, await databaseNow(pool), retentionDays, { lost }),
    },
    {
      name: 'alerts',
      everySeconds: 60,
      run: async () => evaluateAlerts(pool, rules, await databaseNow(pool)),
    },
    {
      name: 'delivery-days',
      everySeconds: 30,
      run: async lost => void (await rollUpDays(pool, { lost, platformDays: retentionDays })),
    },
    {
      name: 'lane-health',
      everySeconds: 30,
      run: lost =>
        takeLaneHealth(pool, {
          ...{ lost, opens: opensWith(context.sealer), lateAfterMinutes: alerts.ageMinutes },
        }),
    },
    {
      name: 'pixels',
      everySeconds: 600,
      run: lost => setPixels(context, pixelAddress(shopify.appUrl), lost),
    },
    // Apart from the evaluation, which a mail server that hangs must not delay.
    {
      name: 'alert-notices',
      everySeconds: 60,
      run: async () => tellAlerts(pool, channels, log, await databaseNow(pool)),
    },
    // Apart again: addresses that merchants have given must not delay the operator's.
    {
      name: 'shop-alert-notices',
      everySeconds: 60,
      run: async () => tellShopAlerts(pool, usable, ofShop, log, await databaseNow(pool)),
    },
  ]
}

/**
 * Pixels that run with an earlier address or key of the app, and those that could not be set for a reason that passes; and what
 * shops' pages and time zones are, as far as that may have changed.
 */
async function setPixels(
  context: AbandonedContext & { admin: Admin; ask: Engine['ask'] },
  address: string,
  lost: AbortSignal,
): Promise<void> {
  for (const shop of await pixelsToSet(context.pool, address)) {
    if (lost.aborted) return
    await activatePixel({ ...context, address }, shop)
  }
  for (const shop of await shopsToAsk(context.pool)) {
    if (lost.aborted) return
    await learnShop(context, shop)
  }
}

/** Each part by itself: what somebody else's lock keeps from being done now does not keep the others from being done. */
async function retain({ pool, log }: AbandonedContext, days: number, lost: AbortSignal): Promise<void> {
  const now = await databaseNow(pool)
  const before = new Date(now.getTime() - days * DAY_MS)
  const parts: Record<string, () => Promise<unknown>> = {
    made: () => ensurePartitions(pool, now),
    forgotten: () => forgetOld(pool, now, days),
    memories: () => forgetMemories(pool, now, days),
    links: () => forgetLinks(pool, now),
    refusals: () => forgetRefusals(pool, now, days),
    checkouts: () => forgetCheckouts(pool, before),
    alerts: () => forgetAlerts(pool, before),
    allowances: () => forgetIdleAllowances(pool),
    sessions: () => forgetSessions(pool),
    fetches: () => forgetFetches(pool),
    days: () => forgetDays(pool, now),
    supportSessions: () => forgetSupportSessions(pool),
    supportAttempts: () => forgetAttempts(pool),
  }
  for (const [part, run] of Object.entries(parts)) {
    if (lost.aborted) return
    try {
      log.info({ part, done: await run() }, 'retention')
    } catch (err) {
      log.warn({ err, part }, 'a part of retention was not done; it comes round within the hour')
    }
  }
}

/** What a chore decides must not depend on which node's clock it came to. */
async function databaseNow(pool: Pool): Promise<Date> {
  const result = await pool.query<{ now: Date }>('select now()')
  return result.rows[0]?.now ?? new Date()
}
