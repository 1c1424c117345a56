/**
 * What Shopify's Admin API tells of a shop: the hosts of its pages, those of its markets among them, and its time zone. By webhook
 * Shopify tells only of the primary host, and only when the shop changes; so these are asked for.
 */
import type { Pool } from 'pg'
import { z } from 'zod'
import { stampOf } from '../effects.ts'
import { knownZone } from '../time-zone.ts'
import type { Admin } from './client.ts'
import { LONGEST_HOST } from './hosts.ts'

/** A shop has a few; Shopify's largest plans allow some hundreds. */
const MOST_HOSTS = 1_000

const domain = z.object({ host: z.string().min(1).max(LONGEST_HOST).toLowerCase() })
/** https://shopify.dev/docs/api/admin-graphql/latest/objects/Shop, no scope is asked for. */
const FACTS = {
  query: 'query SluiceShop { shop { ianaTimezone primaryDomain { host } domains { host } } }',
  schema: z
    .object({
      shop: z.object({
        ianaTimezone: z.string().nullish().catch(null),
        primaryDomain: domain.nullish(),
        domains: z.array(domain).max(MOST_HOSTS),
      }),
    })
    .transform(({ shop: { ianaTimezone, primaryDomain, domains } }) => ({
      hosts: [...new Set([...(primaryDomain ? [primaryDomain] : []), ...domains].map(({ host }) => host))],
      timeZone: knownZone(ianaTimezone ?? null),
    })),
}

type FactsContext = { pool: Pool; admin: Admin }
type AskedShop = { id: number; domain: string }

/** Shops are asked once a day; where Shopify did not answer, as if that had been so long ago that it is again after three quarters of an hour. */
const WITHOUT_ANSWER = "interval '23 hours 15 minutes'"

/**
 * Asks Shopify for the shop's hosts and time zone and keeps them. What Shopify does not say stays as it was known; where it did not
 * answer, it is asked again within the hour, after those that wait longer.
 * @throws when the database cannot be used
 */
export async function learnShop({ pool, admin }: FactsContext, shop: AskedShop): Promise<void> {
  // What is asked for now is newer than any notice of before.
  const at = new Date().toISOString()
  const asked = await admin.adminQuery(shop.domain, FACTS.query, {}, FACTS.schema)
  const { hosts, timeZone } = asked.ok ? asked.data : { hosts: [], timeZone: null }
  await pool.query(
    `update shops set hosts = coalesce($2, hosts), hosts_asked_at = case when $5 then now() else now() - ${WITHOUT_ANSWER} end,
       time_zone = coalesce(known_zone($3), time_zone),
       stated = case when known_zone($3) is null then stated
         else stated || jsonb_build_object('timeZone', greatest(stated->>'timeZone', $4::text)) end
     where id = $1`,
    [shop.id, hosts.length > 0 ? hosts : null, timeZone, stampOf({ updatedAt: at, noticedAt: at }), asked.ok],
  )
}

/**
 * Installed shops that have not answered for a day, or whose pixel was refused since for a page that may be a new one of theirs; the
 * longest first, at most 100.
 */
export async function shopsToAsk(pool: Pool): Promise<AskedShop[]> {
  const result = await pool.query<AskedShop>(
    `select id, domain from shops
     where uninstalled_at is null and admin_trouble is null
       and (hosts_asked_at is null or hosts_asked_at < now() - interval '1 day'
         or (pixel_id is not null and hosts_asked_at <= pixel_refused_at))
     order by hosts_asked_at nulls first limit 100`,
  )
  return result.rows
}
