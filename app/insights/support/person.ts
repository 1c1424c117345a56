/** Whom a member of support is shown in the clear, who said why, after that was written down. */
import type { Pool } from 'pg'
import type { Actor } from '../../events/store-event.ts'

export type Person = Pick<Actor, 'email' | 'phone' | 'firstName' | 'lastName' | 'address' | 'attributes'>

/** Whether the shop has such an event. Reads nothing of it. */
export async function isEventOf(pool: Pool, shopId: number, eventId: string): Promise<boolean> {
  const found = await pool.query('select 1 from events where shop_id = $1 and id = $2', [shopId, eventId])
  return found.rowCount === 1
}
