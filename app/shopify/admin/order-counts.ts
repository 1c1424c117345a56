/** What Shopify counted of a shop's orders, kept for the next who wants to know. */
import type { Pool } from 'pg'

export type OrderCount = {
  /** Orders placed at or after this, */
  since: Date
  /** and before this. */
  until: Date
  orders: number
  /** Those of them that were placed before the app was installed. */
  beforeInstall: number
  /** Whether it was asked for within the last five minutes. */
  fresh: boolean
}

const FRESH_MINUTES = 5

/** @param days the period's length @returns null: nothing is known of a period that begins at `since` */
export async function keptCount(
  pool: Pool,
  shopId: number,
  days: number,
  since: Date,
): Promise<OrderCount | null> {
  const { rows } = await pool.query<OrderCount>(
    `select since, until, orders, before_install as "beforeInstall",
       asked_at > now() - make_interval(mins => ${FRESH_MINUTES}) as fresh
     from order_counts where shop_id = $1 and days = $2 and since = $3`,
    [shopId, days, since],
  )
  return rows[0] ?? null
}

/** Keeps it in place of what was counted before of a period of that length. */
export async function keepCount(
  pool: Pool,
  shopId: number,
  days: number,
  { since, until, orders, beforeInstall }: Omit<OrderCount, 'fresh'>,
): Promise<void> {
  await pool.query(
    `insert into order_counts (shop_id, days, since, until, orders, before_install, asked_at)
     values ($1, $2, $3, $4, $5, $6, now())
     on conflict (shop_id, days) do update set since = excluded.since, until = excluded.until,
       orders = excluded.orders, before_install = excluded.before_install, asked_at = excluded.asked_at`,
    [shopId, days, since, until, orders, beforeInstall],
  )
}
