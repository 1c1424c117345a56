/** Which customers Shopify is asked for, or was lately. The row says when and what came of it; a job does the asking. */
import type { Pool, PoolClient } from 'pg'
import type { AdminFailureKind } from './failure.ts'

/** The same customer is not asked for again within this, in minutes. */
export const ASK_AGAIN_MINUTES = 60

export type FetchOutcome = 'learned' | 'not_found' | 'not_told' | AdminFailureKind

/** @returns those of the customers who are to be asked for now: nobody else asks for them within the hour */
export async function claimFetches(
  pool: Pool,
  shopId: number,
  customerIds: readonly string[],
): Promise<string[]> {
  const result = await pool.query<{ customer_id: string }>(
    `insert into customer_fetches as f (shop_id, customer_id, asked_at)
     select $1, id, now() from unnest($2::text[]) as ids(id) order by id
     on conflict (shop_id, customer_id) do update set asked_at = now(), tries = 0, outcome = null
       where f.asked_at <= now() - make_interval(mins => $3)
     returning customer_id`,
    [shopId, [...new Set(customerIds)], ASK_AGAIN_MINUTES],
  )
  return result.rows.map(row => row.customer_id)
}

/** Counts a try. @returns its number from 1, and the shop's domain; null when the customer is not to be asked for */
export async function beginTry(
  pool: Pool,
  shopId: number,
  customerId: string,
): Promise<{ tries: number; shop: string } | null> {
  const result = await pool.query<{ tries: number; shop: string }>(
    `update customer_fetches f set tries = tries + 1 from shops s
     where s.id = f.shop_id and f.shop_id = $1 and f.customer_id = $2 and f.outcome is null
     returning f.tries, s.domain as shop`,
    [shopId, customerId],
  )
  return result.rows[0] ?? null
}

/**
 * Inside the caller's transaction. Whoever erases the customer waits until it ends, or was first.
 * @returns whether the customer is still asked for: not when they were erased meanwhile
 */
export async function lockFetch(client: PoolClient, shopId: number, customerId: string): Promise<boolean> {
  const found = await client.query(
    'select from customer_fetches where shop_id = $1 and customer_id = $2 for update',
    [shopId, customerId],
  )
  return found.rowCount === 1
}

/**
 * Does not count the try that was begun, so long as the customer was asked for within the hour: it ends some time.
 * @returns whether it was so
 */
export async function takeBackTry(pool: Pool, shopId: number, customerId: string): Promise<boolean> {
  const result = await pool.query(
    `update customer_fetches set tries = tries - 1
     where shop_id = $1 and customer_id = $2 and tries > 0 and asked_at > now() - make_interval(mins => $3)`,
    [shopId, customerId, ASK_AGAIN_MINUTES],
  )
  return result.rowCount === 1
}

export async function endFetch(
  pool: Pool,
  shopId: number,
  customerId: string,
  outcome: FetchOutcome,
): Promise<void> {
  await pool.query('update customer_fetches set outcome = $3 where shop_id = $1 and customer_id = $2', [
    shopId,
    customerId,
    outcome,
  ])
}

/** Of each installed shop, how many customers of the last day could not be asked for, by why. */
export async function failedFetches(
  pool: Pool,
): Promise<{ shop: string; outcome: string; customers: number }[]> {
  const result = await pool.query<{ shop: string; outcome: string; customers: number }>(
    `select s.domain as shop, f.outcome, count(*)::int as customers
     from customer_fetches f join shops s on s.id = f.shop_id
     where f.outcome not in ('learned', 'not_found') and s.uninstalled_at is null
     group by 1, 2 order by 1, 2 limit 100`,
  )
  return result.rows
}
