/** The person of one event, in the clear: for a member of support who said why, after that was written down. */
import type { Pool } from 'pg'
import { actorOf, type EventRow, eventColumns } from '../../delivery/event-rows.ts'
import type { Actor } from '../../events/store-event.ts'
import type { Sealer } from '../../secrets/seal.ts'

export type Person = Pick<Actor, 'email' | 'phone' | 'firstName' | 'lastName' | 'address' | 'attributes'>

/** Whether the shop has such an event. Reads nothing of it. */
export async function isEventOf(pool: Pool, shopId: number, eventId: string): Promise<boolean> {
  const found = await pool.query('select 1 from events where shop_id = $1 and id = $2', [shopId, eventId])
  return found.rowCount === 1
}

/** Null: the event is gone, nothing personal is kept of it, or what is kept does not unseal. */
export async function personOf(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  eventId: string,
): Promise<Person | null> {
  const found = await pool.query<EventRow>(
    `select ${eventColumns('e')} from events e where e.shop_id = $1 and e.id = $2 and e.personal is not null`,
    [shopId, eventId],
  )
  const [row] = found.rows
  const actor = row && actorOf(sealer, shopId, row)
  if (!actor) return null
  const { email, phone, firstName, lastName, address, attributes } = actor
  return { email, phone, firstName, lastName, address, attributes }
}
