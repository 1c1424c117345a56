/** A shop's events as support sees them: the merchant's lists and stories, what support sends again, and whom it had shown. */

import { storable } from '../db/jsonb.ts'
import { standingHold } from '../delivery/holds.ts'
import type { Noting } from '../delivery/replay.ts'
import { isEventOf, type Person } from '../insights/support/person.ts'
import { scrub } from '../privacy/mask.ts'
import type { Shop } from '../shopify/shops.ts'
import { type Actor, writeAudit } from '../support/audit.ts'
import { personInClear } from './explained.ts'
import {
  type Chosen,
  createMerchantActivity,
  type MerchantActivity,
  type MerchantActivityContext,
  type ReplayPlace,
  type ShownStory,
} from './merchant-activity.ts'
import type { Staff } from './support.ts'

export type { Person } from '../insights/support/person.ts'

type Replayed = { count: number; held: number }

/** `holders`: who of support holds what is held, by vendor. */
export type SupportStory = ShownStory & { holders: Readonly<Record<string, string>> }

export type SupportActivity = Pick<MerchantActivity, 'vendors' | 'page' | 'count' | 'outcomes' | 'spool'> & {
  /** Null: the shop has no such event. */
  story(shop: Shop, eventId: string): Promise<SupportStory | null>
  /** What stands for an e-mail address, once it is written down who looks for a person's events: but not for whose. */
  markOf(staff: Staff, shop: Shop, email: string): Promise<string>
  /** @param reason why it is sent again, which the merchant reads */
  replayOne(staff: Staff, shop: Shop, eventId: string, vendor: string, reason: string): Promise<Replayed>
  /** Each step is written down with the deliveries it starts anew. @param reason as for one */
  step(
    staff: Staff,
    shop: Shop,
    chosen: Chosen,
    place: ReplayPlace,
    reason: string,
  ): ReturnType<MerchantActivity['step']>
  /**
   * The person of an event, as delivery knows them now, once it is written down who asked and why.
   * @returns `person` null: nothing is kept of one. Null: the shop has no such event, and nothing is written
   */
  reveal(staff: Staff, shop: Shop, eventId: string, reason: string): Promise<{ person: Person | null } | null>
}

export function createSupportActivity(context: MerchantActivityContext): SupportActivity {
  const { pool } = context.database
  const merchant = createMerchantActivity(context, 'support')
  const { vendors, page, markOf, story, count, outcomes, spool, replayOne, step } = merchant
  return {
    ...{ vendors, page, count, outcomes, spool },
    async story(shop, eventId) {
      const found = await story(shop, eventId)
      if (!found) return null
      const held = found.deliveries.filter(({ hold }) => hold)
      const holders = await Promise.all(
        held.map(async ({ vendor }) => {
          const holder = (await standingHold(pool, { shopId: shop.id, vendor }))?.by ?? null
          return holder === null ? [] : [[vendor, holder] as const]
        }),
      )
      return { ...found, holders: Object.fromEntries(holders.flat()) }
    },
    async markOf({ by }, shop, email) {
      await writeAudit(pool, by, [{ action: 'person_search', shop: shop.domain }])
      return markOf(shop, email)
    },
    replayOne: ({ by }, shop, eventId, vendor, reason) =>
      replayOne(shop, eventId, vendor, noting(by, shop, { subject: eventId, reason, filter: {} })),
    step: ({ by }, shop, chosen, place, reason) =>
      step(shop, chosen, place, noting(by, shop, { subject: null, reason, filter: kept(shop, chosen) })),
    async reveal({ by }, shop, eventId, reason) {
      if (!(await isEventOf(pool, shop.id, eventId))) return null
      await writeAudit(pool, by, [
        { action: 'reveal', shop: shop.domain, subject: eventId, reason: storable(scrub(reason)) },
      ])
      return { person: await personInClear(context, shop, eventId) }
    },
  }
}

type Asked = { subject: string | null; reason: string; filter: object }

function noting(by: Actor, shop: Shop, { subject, reason, filter }: Asked): Noting {
  const said = storable(scrub(reason))
  return (client, { vendor, id: replay, ...done }) => {
    const after = { ...filter, ...done, replay }
    return writeAudit(client, by, [
      { action: 'replay', shop: shop.domain, vendor, subject, reason: said, after },
    ])
  }
}

/** What was asked for, as the audit keeps it: that it was one person's, but no mark of whom. */
function kept({ timeZone }: Shop, { marks, since, until, ...chosen }: Chosen): object {
  return {
    ...chosen,
    // Days are meant by the shop's clock, which may be another one by the time this is read.
    ...((since ?? until) && { zone: timeZone ?? 'UTC' }),
    ...(marks && { person: true }),
    ...(since && { since }),
    ...(until && { until }),
  }
}
