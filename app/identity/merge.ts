/**
 * Two customers that Shopify has merged are one person. The one that is gone keeps a row that says who stands for it:
 * whatever names it, before or after, is then about the one that is kept, in whatever order notices come.
 */
import type { PoolClient } from 'pg'
import type { Sealer } from '../secrets/seal.ts'
import { nothingKnown } from './customer-record.ts'

export type Merge = { keptId: string; deletedId: string }

/** Inside the caller's transaction. A merge of merged customers leads to the last that was kept. */
export async function mergeCustomers(
  client: PoolClient,
  sealer: Sealer,
  shopId: number,
  { keptId, deletedId }: Merge,
): Promise<void> {
  if (keptId === deletedId) return
  // One merge of a shop at a time: two that meet in one customer would miss each other.
  await client.query('select pg_advisory_xact_lock($1, $2)', [MERGING, shopId])
  const found = await client.query<{ kept: string }>(
    `select coalesce((select merged_into from customers where shop_id = $1 and customer_id = $2), $2) as kept`,
    [shopId, keptId],
  )
  const kept = found.rows[0]?.kept ?? keptId
  if (kept === deletedId) return
  await client.query(
    `insert into customers (shop_id, customer_id, personal, merged_into, known_at) values ($1, $2, $3, $4, now())
     on conflict (shop_id, customer_id) do update set merged_into = excluded.merged_into, known_at = now()`,
    [shopId, deletedId, nothingKnown(sealer, shopId, deletedId), kept],
  )
  await client.query(
    'update customers set merged_into = $3, known_at = now() where shop_id = $1 and merged_into = $2',
    [shopId, deletedId, kept],
  )
}

/** "merg": locks of this kind are told from others by it. */
const MERGING = 0x6d657267
