/** The hosts of a shop's pages, as far as the web pixel was refused for others. What they are, ./shop-facts.ts learns. */
import type { Pool } from 'pg'

/** As DNS has it: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
export const LONGEST_HOST = 255

/** @param host of the page; none for what is no web address */
export async function keepRefusedPage(pool: Pool, shop: string, host: string): Promise<void> {
  await pool.query('update shops set pixel_refused_host = $2, pixel_refused_at = now() where domain = $1', [
    shop,
    host.slice(0, LONGEST_HOST),
  ])
}

export type RefusedPage = { shop: string; host: string; at: Date }

/** Pages of the last day whose pixel's batches were refused, and would be still; the newest first, at most 100. */
export async function refusedPages(pool: Pool, shop: string | null = null): Promise<RefusedPage[]> {
  const result = await pool.query<RefusedPage>(
    `select domain as shop, pixel_refused_host as host, pixel_refused_at as at from shops
     where uninstalled_at is null and pixel_refused_at > now() - interval '1 day' and ($1::text is null or domain = $1)
       and pixel_refused_host <> all(coalesce(hosts, '{}') || domain || coalesce(lower(primary_domain), domain))
     order by pixel_refused_at desc limit 100`,
    [shop],
  )
  return result.rows
}
