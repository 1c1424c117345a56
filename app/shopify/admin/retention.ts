/** What is forgotten in time of what the Admin API is asked with. */
import type { Pool } from 'pg'

/**
 * Forgets the staff's sessions that expired a day ago (they are made anew each time somebody opens the app), and those of
 * shops that have uninstalled the app: not in the transaction that learns of it, which must not wait for a refresh.
 * @returns how many
 */
export async function forgetSessions(pool: Pool): Promise<number> {
  const result = await pool.query(
    `delete from sessions s where (s.is_online and s.expires < now() - interval '1 day')
       or exists (select from shops where domain = s.shop and uninstalled_at > s.updated_at)`,
  )
  return result.rowCount ?? 0
}

/** @returns how many were forgotten: those asked for more than a day ago */
export async function forgetFetches(pool: Pool): Promise<number> {
  const result = await pool.query(`delete from customer_fetches where asked_at < now() - interval '1 day'`)
  return result.rowCount ?? 0
}
