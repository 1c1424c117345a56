/**
 * What visitors have refused: until when, for each purpose. What they did up to then is not sent for that purpose any more,
 * whatever they allowed when they did it. Told by the consent of batches, carts, checkouts and orders.
 */
import type { Pool, PoolClient } from 'pg'
import { toJsonb } from '../db/jsonb.ts'
import { firstIdInSql } from '../db/partitions.ts'
import {
  type ConsentPurpose,
  isOrderEvent,
  type NewStoreEvent,
  type StoreEvent,
} from '../events/store-event.ts'
import { isVisitor, type ShopEvent } from './links.ts'

/** Who refuses, and until when what they did is not for a purpose any more (ISO 8601); null: they do not refuse that. */
export type Refusal = {
  /** Null: whoever `subjects` lead to. */
  visitorId: string | null
  /** The cart and checkout they refuse in, as subjects of events; none where the visitor is named. */
  subjects: string[]
  analytics: string | null
  /** Whoever refuses analytics refuses marketing. */
  marketing: string | null
}
export type ShopRefusal = Refusal & { shopId: number }

/** A cart lives for some weeks (Shopify's own pages say ten days to a month). */
const CART_LIFE = '30 days'
/** Visitors that one cart or checkout leads to at most; one has one, but for those who make them up. */
const MOST_VISITORS = 5
/** Events looked at for them: a cart's visitor is named by nearly each of its notices. */
const MOST_EVENTS = 50

/** The refusals among events. An abandoned checkout says nothing that its state has not said. */
export function refusalsIn(events: readonly ShopEvent[]): ShopRefusal[] {
  return events.flatMap(({ shopId, event }): ShopRefusal[] => {
    const { visitorId, consent } = event.actor
    const said = saidIn(event)
    if (said === null) return []
    const named = isVisitor(visitorId) ? visitorId : null
    const refusal = refusalOf(consent, said.at, { visitorId: named, subjects: named ? [] : said.subjects })
    return refusal ? [{ shopId, ...refusal }] : []
  })
}

/** @returns null when nothing is refused, or nobody is named */
export function refusalOf(
  { analytics, marketing }: StoreEvent['actor']['consent'],
  at: string,
  whose: Pick<Refusal, 'visitorId' | 'subjects'>,
): Refusal | null {
  const all = analytics === false
  if (!(all || marketing === false) || (whose.visitorId === null && whose.subjects.length === 0)) return null
  return { ...whose, analytics: all ? at : null, marketing: at }
}

type SaidAt = { at: string; subjects: string[] }

/**
 * When what the event says of consent was so, and in which cart and checkout. An order keeps the attributes that it was made
 * with: what it says years later is what was so then.
 */
function saidIn(event: NewStoreEvent): SaidAt | null {
  if (event.source === 'storefront' || event.source === 'pixel') return { at: event.occurredAt, subjects: [] }
  if (isOrderEvent(event)) {
    const { order } = event.data
    if (order === null) return null
    const at = order.createdAt ?? event.occurredAt
    return { at: endOfSecond(at), subjects: named(order.cartToken, order.checkoutToken) }
  }
  switch (event.type) {
    case 'cart_updated':
      return { at: endOfSecond(event.version ?? event.occurredAt), subjects: named(event.data.cart.token) }
    case 'checkout_started':
    case 'checkout_updated':
    case 'checkout_completed': {
      const { cartToken, token } = event.data.checkout
      return { at: endOfSecond(event.version ?? event.occurredAt), subjects: named(cartToken, token) }
    }
    default:
      return null
  }
}

function named(cartToken: string | null, checkoutToken: string | null = null): string[] {
  return [cartToken && `cart:${cartToken}`, checkoutToken && `checkout:${checkoutToken}`].flatMap(
    subject => subject || [],
  )
}

/** Shopify's times have whole seconds: what was seen in the same one was seen before, as far as anybody knows. */
function endOfSecond(at: string): string {
  return new Date(Math.floor(Date.parse(at) / 1000) * 1000 + 999).toISOString()
}

/**
 * In SQL: `shop_id`, `visitor_id`, `analytics` and `marketing` of refusals that are given as JSON, each visitor that a cart or
 * checkout leads to by its newest events.
 */
export const refusingInSql = (given: string) => `
  select g.shop_id, v.visitor_id, g.analytics, g.marketing
  from jsonb_to_recordset(${given}::jsonb) as g(shop_id int, visitor_id text, subjects text[], analytics timestamptz,
                                                marketing timestamptz)
  cross join lateral (
    select g.visitor_id where g.visitor_id is not null
    union all
    (select distinct near.visitor_id from (
       select e.visitor_id from events e
       where g.visitor_id is null and e.shop_id = g.shop_id and e.subject = any(g.subjects) and e.visitor_id is not null
         and e.id >= ${firstIdInSql(`now() - interval '${CART_LIFE}'`)}
       order by e.id desc limit ${MOST_EVENTS}) near
     limit ${MOST_VISITORS})) v`

/** As `refusingInSql` takes them. */
export function refusalRows(refusals: readonly ShopRefusal[]): string {
  return toJsonb(
    refusals.map(({ shopId, visitorId, ...rest }) => ({ shop_id: shopId, visitor_id: visitorId, ...rest })),
  )
}

/**
 * Keeps refusals, inside the transaction that accepts what tells them; nothing is asked when there are none. The newest
 * counts, in whatever order they come. One that is kept already for a later time costs no write.
 */
export async function learnRefusals(client: PoolClient, refusals: readonly ShopRefusal[]): Promise<void> {
  if (refusals.length === 0) return
  await client.query({
    name: 'save-visitor-refusals',
    text: `insert into visitor_refusals as r (shop_id, visitor_id, analytics_until, marketing_until, noted_on)
     select shop_id, visitor_id, max(analytics), max(marketing), current_date from (${refusingInSql('$1')}) refusing
     group by 1, 2 order by 1, 2
     on conflict (shop_id, visitor_id) do update set
       analytics_until = greatest(r.analytics_until, excluded.analytics_until),
       marketing_until = greatest(r.marketing_until, excluded.marketing_until),
       noted_on = excluded.noted_on
     where excluded.analytics_until > coalesce(r.analytics_until, '-infinity')
       or excluded.marketing_until > coalesce(r.marketing_until, '-infinity')`,
    values: [refusalRows(refusals)],
  })
}

/** When somebody last refused each purpose. */
export type RefusedAt = ReadonlyMap<ConsentPurpose, Date>

/** Which purposes the visitors of these events have refused after them, by event id; none: the event is not in it. */
export async function refusedSince(
  pool: Pool,
  shopId: number,
  events: readonly StoreEvent[],
): Promise<Map<string, RefusedAt>> {
  const visitors = [...new Set(events.flatMap(({ actor }) => actor.visitorId ?? []))]
  if (visitors.length === 0) return new Map()
  const found = await pool.query<{
    visitor_id: string
    analytics_until: Date | null
    marketing_until: Date | null
  }>({
    name: 'refusals-of-visitors',
    text: `select visitor_id, analytics_until, marketing_until from visitor_refusals
     where shop_id = $1 and visitor_id = any($2)`,
    values: [shopId, visitors],
  })
  const byVisitor = new Map(found.rows.map(row => [row.visitor_id, row]))
  return new Map(
    events.flatMap(({ id, actor, occurredAt }) => {
      const { analytics_until: all = null, marketing_until: marketing = null } =
        byVisitor.get(actor.visitorId ?? '') ?? {}
      const isBefore = (until: Date) => Date.parse(occurredAt) <= until.getTime()
      const refused = new Map<ConsentPurpose, Date>()
      if (all && isBefore(all)) refused.set('analytics', all).set('marketing', marketing ?? all)
      else if (marketing && isBefore(marketing)) refused.set('marketing', marketing)
      return refused.size > 0 ? [[id, refused] as const] : []
    }),
  )
}
