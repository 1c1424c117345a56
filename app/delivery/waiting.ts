/**
 * Waiting for a person: what a visitor did, and a vendor would take if it were known who the visitor is, waits for a while
 * in a state of its own. It is neither due nor held, and nothing is armed for it: whoever learns who the visitor is makes it
 * due (known.ts), else it ends when its time is over.
 */
import type { Pool, PoolClient } from 'pg'
import { toJsonb } from '../db/jsonb.ts'
import { firstIdInSql } from '../db/partitions.ts'
import type { Due } from './decide.ts'
import type { Lane } from './lane.ts'
import type { Outcome } from './outcome.ts'

/** How long a shop may let it wait, in hours. Wider than a week it would bring up what everybody has forgotten. */
export const PERSON_WAIT = { min: 1, max: 168, never: 0 } as const
/** What one visitor has waiting for one vendor, at most: the oldest gives way. */
export const MOST_WAITING = 50

/** The sentences that a merchant reads, by what the vendor needs. */
const WAITS = 'It waits for this visitor to become known.'
const TOO_MANY = 'More of what this visitor did has come since than waits for one visitor.'
const NEVER_KNOWN = { no_email: 'No e-mail for this visitor.', no_person: 'No customer for this visitor.' }
type Lack = keyof typeof NEVER_KNOWN

/** In SQL, of a delivery that is left out: the sentence by its reason. */
export const NEVER_KNOWN_IN_SQL = (reason: string) =>
  `case ${reason} when 'no_person' then '${NEVER_KNOWN.no_person}' else '${NEVER_KNOWN.no_email}' end`

/** In SQL: what is older than this waits no longer. A shop is `s`. */
export const WAITED_BEFORE = firstIdInSql('now() - make_interval(hours => s.person_wait_hours)')

/** A delivery that waits if its time is not over. */
export type ToWait = { eventId: string; visitorId: string; reason: Lack; message: string }

/** Of what was decided, what is left out only because nobody knows who the visitor is. */
export function waitingAmong(
  due: Iterable<Pick<Due, 'event'>>,
  outcomes: ReadonlyMap<string, Outcome>,
): ToWait[] {
  return [...due].flatMap(({ event }): ToWait[] => {
    const outcome = outcomes.get(event.id)
    const { visitorId, customerId, email } = event.actor
    const seen = event.source === 'storefront' || event.source === 'pixel'
    if (outcome?.state !== 'skipped' || !seen || visitorId === null) return []
    const { reason, message } = outcome
    // What is known and not enough will not become more by knowing the visitor.
    if ((reason === 'no_email' && !email) || (reason === 'no_person' && !customerId))
      return [{ eventId: event.id, visitorId, reason, message }]
    return []
  })
}

/**
 * In SQL, after a query of deliveries `d` that wait or are to: it locks them as everybody does who changes such. In any other order
 * two of them could each hold what the other needs.
 */
export const LOCK_ORDER = 'order by d.event_id desc, d.vendor for update of d'

/** What a person has stopped meanwhile is not open any more, and what has ended does not wait. */
const MAY_CHANGE = "(case when r.given then d.state in ('pending', 'retry') else d.state = 'waiting' end)"

/** Of a lane: shop, vendor, and the deliveries as JSON. */
export const PUT_TO_WAIT = `with shop as materialized (
     select s.person_wait_hours as hours, ${WAITED_BEFORE} as first from shops s where s.id = $1),
   given as materialized (
     select * from jsonb_to_recordset($3::jsonb) as r(event_id uuid, visitor_id text, reason text, message text)),
   ranked as materialized (
     select event_id, row_number() over (partition by visitor_id order by event_id desc) as place from (
       select visitor_id, event_id from given where event_id >= (select first from shop)
       union
       select visitor_id, event_id from deliveries
       where shop_id = $1 and visitor_id = any(array(select visitor_id from given)) and vendor = $2
         and state = 'waiting' and event_id >= (select first from shop)) all_of_them),
   decided as materialized (
     select event_id, g.visitor_id, g.event_id is not null as given, coalesce(place <= ${MOST_WAITING}, false) as waits, place, g.reason,
            case when (select hours from shop) = 0 then g.message
                 when place is null then ${NEVER_KNOWN_IN_SQL('g.reason')}
                 when place <= ${MOST_WAITING} then '${WAITS}' else '${TOO_MANY}' end as message
     from given g full join ranked using (event_id) where g.event_id is not null or place > ${MOST_WAITING}),
   locked as materialized (
     select d.event_id from decided r join deliveries d on d.event_id = r.event_id
     where d.shop_id = $1 and d.vendor = $2 and ${MAY_CHANGE} ${LOCK_ORDER})
   update deliveries d
   set state = case when r.waits then 'waiting' else 'skipped' end, reason = coalesce(r.reason, d.reason),
       message = r.message, replay = d.replay and r.waits, updated_at = now(),
       visitor_id = case when r.waits then r.visitor_id end
   from decided r join locked using (event_id)
   where d.shop_id = $1 and d.vendor = $2 and d.event_id = r.event_id and ${MAY_CHANGE}`

/**
 * Puts deliveries to wait, or ends those whose time is over, or that the shop does not let wait. One statement, with the
 * bound: nobody has more than so many waiting, at any moment. What a person has stopped meanwhile stays as it is.
 */
export async function putToWait(pool: Pool, lane: Lane, deliveries: readonly ToWait[]): Promise<void> {
  const rows = deliveries.map(({ eventId, visitorId, reason, message }) => ({
    event_id: eventId,
    visitor_id: visitorId,
    reason,
    message,
  }))
  await pool.query({
    name: 'put-to-wait',
    text: PUT_TO_WAIT,
    values: [lane.shopId, lane.vendor, toJsonb(rows)],
  })
}

/** @param hours `never`, or from `min` to `max`; what waits already goes by it too */
export async function setPersonWait(pool: Pool | PoolClient, shopId: number, hours: number): Promise<void> {
  const { min, max, never } = PERSON_WAIT
  if (hours !== never && !(Number.isInteger(hours) && hours >= min && hours <= max))
    throw new RangeError(`${hours} is neither ${never} nor a whole number from ${min} to ${max}`)
  await pool.query('update shops set person_wait_hours = $2 where id = $1', [shopId, hours])
}
