/** What stands with a shop when its Admin API cannot be asked: for screens, commands and the doctor. */
import type { Pool, PoolClient } from 'pg'
import { ADMIN_FAILURES, type AdminFailure, type AdminFailureKind, asAdminFailure } from './failure.ts'

/** Notes a failure that lasts; one that passes by itself is no trouble of the shop. Its time is that of the first. */
export async function noteTrouble(
  client: Pool | PoolClient,
  domain: string,
  { kind }: AdminFailure,
): Promise<void> {
  if (!ADMIN_FAILURES[kind].lasting) return
  await client.query(
    `update shops set admin_trouble = $2, admin_trouble_at = now()
     where domain = $1 and admin_trouble is distinct from $2`,
    [domain, kind],
  )
}

/** The shop answered, or was given access. What kept its pixel from being set for the same reason does not any more. */
export async function clearTrouble(client: Pool | PoolClient, domain: string): Promise<void> {
  await client.query(
    `update shops set admin_trouble = null, admin_trouble_at = null,
       pixel_trouble = nullif(pixel_trouble, admin_trouble)
     where domain = $1 and admin_trouble is not null`,
    [domain],
  )
}

export type Trouble = { shop: string; kind: AdminFailureKind; merchant: string; since: Date }

/** Installed shops whose Admin API cannot be asked, the longest first. @param domain of one shop only */
export async function listTroubles(pool: Pool, domain: string | null = null): Promise<Trouble[]> {
  const result = await pool.query<{ domain: string; admin_trouble: string; admin_trouble_at: Date }>(
    `select domain, admin_trouble, admin_trouble_at from shops
     where admin_trouble is not null and uninstalled_at is null and ($1::text is null or domain = $1)
     order by admin_trouble_at limit 1000`,
    [domain],
  )
  return result.rows.flatMap(row => {
    const kind = asAdminFailure(row.admin_trouble)
    const { domain: shop, admin_trouble_at: since } = row
    return kind ? [{ shop, kind, merchant: ADMIN_FAILURES[kind].merchant, since }] : []
  })
}
