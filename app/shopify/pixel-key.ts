/**
 * The key that a shop's web pixel sends with its batches, and the pages it may send from. The key stands in the pixel's settings,
 * which every visitor's browser loads: it keeps strangers from writing into shops whose storefront they have not even opened, and
 * can be rotated. It proves nothing about who sends. The database makes it with the shop (prisma/migrations, pixel_key).
 */
import type { Pool, PoolClient } from 'pg'

/** What a pixel's batch is checked by. */
export type PixelKey = {
  key: string
  /** The key before it, while it counts: open pages have it, and pixels that were not given the new one yet. */
  before: string | null
  /** Of the shop's pages, in lower case; null: not known yet, and then no page is another's. */
  hosts: readonly string[] | null
}

/** @returns by domain; nothing for domains that are no shop's */
export async function readPixelKeys(pool: Pool, domains: readonly string[]): Promise<Map<string, PixelKey>> {
  const result = await pool.query<{
    domain: string
    key: string
    before: string | null
    primary: string | null
    hosts: string[] | null
  }>({
    name: 'pixel-keys',
    text: `select domain, pixel_key as key, primary_domain as primary, hosts,
             case when pixel_key_before_until > now() then pixel_key_before end as before
           from shops where domain = any($1)`,
    values: [domains],
  })
  return new Map(
    result.rows.map(({ domain, key, before, primary, hosts }) => [
      domain,
      { key, before, hosts: hosts?.length ? pagesOf(domain, primary, hosts) : null },
    ]),
  )
}

const pagesOf = (domain: string, primary: string | null, hosts: readonly string[]): string[] => [
  ...new Set([domain, ...(primary ? [primary.toLowerCase()] : []), ...hosts]),
]

/** Makes a new key; the one before counts for a day more, and none before that. @returns it @throws when there is no such shop */
export async function rotatePixelKey(pool: Pool | PoolClient, shopId: number): Promise<string> {
  const result = await pool.query<{ pixel_key: string }>(
    `update shops set pixel_key = default, pixel_key_before = pixel_key,
       pixel_key_before_until = now() + interval '1 day' where id = $1 returning pixel_key`,
    [shopId],
  )
  if (!result.rows[0]) throw new Error(`there is no shop ${shopId}`)
  return result.rows[0].pixel_key
}
