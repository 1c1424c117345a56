/**
 * Consent that was withdrawn after a visitor did something: it is not sent any more. Each drain looks before it plans, a
 * replay too; what waits or is held ends as soon as the refusal is known. What is on its way at a vendor finishes.
 */
import type { Pool } from 'pg'
import { toJsonb } from '../db/jsonb.ts'
import { firstIdInSql } from '../db/partitions.ts'
import type { ConsentPurpose, StoreEvent } from '../events/store-event.ts'
import {
  type RefusedAt,
  refusalRows,
  refusedSince,
  refusingInSql,
  type ShopRefusal,
} from '../identity/refusals.ts'
import { choiceOf, isVisit, PURPOSE_CHOICES, PURPOSES, purposesOf } from '../vendors/purposes.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import type { Vendor } from '../vendors/vendor.ts'
import { type Due, type Needing, withoutConsent } from './decide.ts'
import type { Lane } from './lane.ts'
import { IS_OPEN, type Outcome } from './outcome.ts'
import type { Recorder } from './record.ts'
import { decisionsOf } from './record-rows.ts'
import { PERSON_WAIT } from './waiting.ts'

const WITHDRAWN = 'The visitor has withdrawn their consent since.'

/** What is older waits no more. Should it be held, the drain that follows its release looks. */
const EARLIEST = firstIdInSql(`now() - interval '${PERSON_WAIT.max + 1} hours'`)
/** A visitor's events that one statement looks at, the newest: some 20 ms. What else there is, the next drain of it ends. */
const MOST_EVENTS = 1_000

/**
 * Ends what its visitor has refused since, for the purposes that it needs; whoever refuses analytics refuses all. What
 * was refused when it happened says that: nothing was withdrawn. One query where there is anything of a visitor.
 * @returns the others
 */
export async function withoutWithdrawn(
  { pool, recorder }: { pool: Pool; recorder: Recorder },
  lane: Lane,
  needing: Needing,
  due: readonly Due[],
): Promise<readonly Due[]> {
  const outcomes = await withdrawnAmong(pool, lane, needing, due)
  if (outcomes.size === 0) return due
  await recorder.record(decisionsOf(lane, outcomes))
  return due.filter(({ event }) => !outcomes.has(event.id))
}

/** What the visitor of an event has refused since, and when they last said so. */
export async function withdrawnOf(pool: Pool, shopId: number, event: StoreEvent): Promise<RefusedAt> {
  return (await refusedSince(pool, shopId, isSeen(event) ? [event] : [])).get(event.id) ?? new Map()
}

/** Those that their visitors have refused since, by event id. */
export async function withdrawnAmong(
  pool: Pool,
  lane: Lane,
  needing: Needing,
  due: readonly Pick<Due, 'event'>[],
): Promise<Map<string, Outcome>> {
  const seen = due.flatMap(({ event }) => (isSeen(event) ? event : []))
  const refused = await refusedSince(pool, lane.shopId, seen)
  const outcomes = new Map<string, Outcome>()
  for (const event of seen) {
    const needed = purposesOf(needing.vendor, needing.settings, event.type)
    const missing = missingOf([...(refused.get(event.id)?.keys() ?? [])], needed)
    if (missing.length > 0) outcomes.set(event.id, withoutConsent(event, needing) ?? withdrawn(missing))
  }
  return outcomes
}

function isSeen(event: StoreEvent): boolean {
  return isVisit(event) && event.actor.visitorId !== null
}

function missingOf(
  refused: readonly ConsentPurpose[],
  needed: readonly ConsentPurpose[],
): readonly ConsentPurpose[] {
  return refused.includes('analytics') ? ['analytics'] : needed.filter(purpose => refused.includes(purpose))
}

function withdrawn(missing: readonly ConsentPurpose[]): Outcome {
  return { state: 'skipped', reason: 'no_consent', message: `${WITHDRAWN} (${missing.join(', ')})` }
}

const CHOICES = PURPOSE_CHOICES.map(choice => `'${choice}'`).join(', ')

/**
 * Of vendors' rows as JSON ($2) and refusals as JSON ($1). What a row needs is looked up per shop: its own choice, which stands
 * open among the settings, or else what is declared.
 */
export const END_WITHDRAWN = `with refusing as materialized (select distinct shop_id, visitor_id from (${refusingInSql('$1')}) all_of_them),
     declared as materialized (select * from jsonb_to_recordset($2::jsonb) as n(vendor text, type text, purposes text)),
     chosen as materialized (
       select s.shop_id, v.vendor, (select c.settings -> '${PURPOSES}' from connections c
                                    where c.shop_id = s.shop_id and c.vendor = v.vendor) as choices
       from (select distinct shop_id from refusing) s cross join (select distinct vendor from declared) v),
     needed as materialized (
       select c.shop_id, n.vendor, n.type, string_to_array(
         case when c.choices ->> n.type in (${CHOICES}) then c.choices ->> n.type else n.purposes end, '+') as purposes
       from chosen c join declared n using (vendor)),
     ended as (
       select d.shop_id, d.event_id, d.vendor, e.occurred_at <= r.analytics_until is true as all_of_it,
         (select string_agg(p.purpose, ', ' order by p.place) from unnest(n.purposes) with ordinality as p(purpose, place)
          where e.consent ->> p.purpose is distinct from 'true') as never_allowed
       from refusing
       join visitor_refusals r using (shop_id, visitor_id)
       cross join lateral (
         select id, type, source, occurred_at, consent from events
         where shop_id = r.shop_id and visitor_id = r.visitor_id and id >= ${EARLIEST}
         order by id desc limit ${MOST_EVENTS}) e
       join deliveries d on d.shop_id = r.shop_id and d.event_id = e.id and d.event_id >= ${EARLIEST}
       left join needed n on n.shop_id = d.shop_id and n.vendor = d.vendor and n.type = e.type
       where e.source in ('storefront', 'pixel') and ${IS_OPEN}
         and (e.occurred_at <= r.analytics_until
              or (e.occurred_at <= r.marketing_until and 'marketing' = any(n.purposes)))
       for update of d skip locked)
     update deliveries d
     set state = 'skipped', reason = 'no_consent', replay = false, updated_at = now(), visitor_id = null,
         message = case when ended.never_allowed is not null then '${SKIP_REASONS.no_consent} (' || ended.never_allowed || ')'
                        else '${WITHDRAWN} (' || case when ended.all_of_it then 'analytics' else 'marketing' end || ')' end
     from ended
     where d.shop_id = ended.shop_id and d.event_id = ended.event_id and d.vendor = ended.vendor`

type Declared = Pick<Vendor<unknown>, 'id' | 'rows'>

/**
 * Ends what waits, is held or is not yet sent of those who refuse, in one statement. What somebody else is changing at this
 * moment is left to the drain that follows.
 */
export async function endWithdrawn(
  pool: Pool,
  vendors: readonly Declared[],
  refusals: readonly ShopRefusal[],
): Promise<void> {
  if (refusals.length === 0) return
  const values = [refusalRows(refusals), declaredPurposes(vendors)]
  await pool.query({ name: 'end-withdrawn', text: END_WITHDRAWN, values })
}

/** As the statement takes them: the rows in which consent counts, with what each needs unless the shop chooses otherwise. */
export function declaredPurposes(vendors: readonly Declared[]): string {
  return toJsonb(
    vendors.flatMap(({ id, rows }) =>
      Object.entries(rows).flatMap(([type, row]) => {
        const purposes = choiceOf(row.purposes)
        return purposes ? [{ vendor: id, type, purposes }] : []
      }),
    ),
  )
}
