/**
 * The hosts of a shop's pages: its domains, those of its markets among them. Shopify tells of the primary one by webhook, and
 * only when the shop changes; the others have to be asked for.
 */
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Admin } from './client.ts'

/** A shop has a few; Shopify's largest plans allow some hundreds. */
const MOST_HOSTS = 1_000
/** As DNS has it: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
const LONGEST_HOST = 255

const domain = z.object({ host: z.string().min(1).max(LONGEST_HOST).toLowerCase() })
/** https://shopify.dev/docs/api/admin-graphql/latest/objects/Shop, no scope is asked for. */
const HOSTS = {
  query: 'query SluiceHosts { shop { primaryDomain { host } domains { host } } }',
  schema: z
    .object({ shop: z.object({ primaryDomain: domain.nullish(), domains: z.array(domain).max(MOST_HOSTS) }) })
    .transform(({ shop: { primaryDomain, domains } }) => [
      ...new Set([...(primaryDomain ? [primaryDomain] : []), ...domains].map(({ host }) => host)),
    ]),
}

type HostsContext = { pool: Pool; admin: Admin }
type HostsShop = { id: number; domain: string }

/**
 * Asks Shopify for the shop's hosts and keeps them. Where Shopify does not say, what was known stays.
 * @throws when the database cannot be used
 */
export async function learnHosts({ pool, admin }: HostsContext, shop: HostsShop): Promise<void> {
  const asked = await admin.adminQuery(shop.domain, HOSTS.query, {}, HOSTS.schema)
  const hosts = asked.ok && asked.data.length > 0 ? asked.data : null
  await pool.query('update shops set hosts = coalesce($2, hosts), hosts_asked_at = now() where id = $1', [
    shop.id,
    hosts,
  ])
}

/**
 * Installed shops with a pixel that were not asked for a day, or whose pixel was refused since for a page that may be a new one
 * of theirs; the longest first, at most 100.
 */
export async function shopsToAsk(pool: Pool): Promise<HostsShop[]> {
  const result = await pool.query<HostsShop>(
    `select id, domain from shops
     where uninstalled_at is null and admin_trouble is null and pixel_id is not null
       and (hosts_asked_at is null or hosts_asked_at < now() - interval '1 day' or hosts_asked_at <= pixel_refused_at)
     order by hosts_asked_at nulls first limit 100`,
  )
  return result.rows
}

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
