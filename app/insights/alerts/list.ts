/** Alerts for screens and commands. */
import type { Pool } from 'pg'
import { type Told, titleOf } from './channels.ts'

export type AlertLine = Omit<Told, 'waiting'> & { title: string }

const MOST = 1000

/**
 * The open ones, worst first; with `all` also those that are over, newest first.
 * @param shopId null: of every shop
 * @returns at most 1,000
 */
export async function listAlerts(pool: Pool, shopId: number | null, all: boolean): Promise<AlertLine[]> {
  const result = await pool.query<Omit<AlertLine, 'title'>>(
    `select s.domain as shop, a.vendor, a.kind, a.level, a.since, a.opened_at as "openedAt",
            a.resolved_at as "resolvedAt", a.message
     from alerts a join shops s on s.id = a.shop_id
     where ($1::int is null or a.shop_id = $1) and ($2 or a.resolved_at is null)
     order by a.resolved_at desc nulls first, a.level desc, a.since, s.domain, a.vendor, a.kind limit $3`,
    [shopId, all, MOST],
  )
  return result.rows.map(alert => ({ ...alert, title: titleOf(alert) }))
}
