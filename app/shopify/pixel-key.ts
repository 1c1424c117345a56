/**
 * The key that a shop's web pixel sends with its batches. It stands in the pixel's settings, which every visitor's browser
 * loads: it keeps strangers from writing into shops whose storefront they have not even opened, and can be rotated. It proves
 * nothing about who sends. The database makes it with the shop (prisma/migrations, pixel_key).
 */
import type { Pool } from 'pg'

/** What a pixel's batch is checked by. `hosts`: of the shop's pages. */
export type PixelKey = { key: string; hosts: readonly string[] }

/** @returns by domain; nothing for domains that are no shop's */
export async function readPixelKeys(pool: Pool, domains: readonly string[]): Promise<Map<string, PixelKey>> {
  const result = await pool.query<{ domain: string; pixel_key: string; primary_domain: string | null }>({
    name: 'pixel-keys',
    text: 'select domain, pixel_key, primary_domain from shops where domain = any($1)',
    values: [domains],
  })
  return new Map(
    result.rows.map(({ domain, pixel_key: key, primary_domain: primary }) => [
      domain,
      { key, hosts: primary ? [domain, primary.toLowerCase()] : [domain] },
    ]),
  )
}

/** Makes a new key; the old one is believed for up to a minute more. @returns it @throws when there is no such shop */
export async function rotatePixelKey(pool: Pool, shopId: number): Promise<string> {
  const result = await pool.query<{ pixel_key: string }>(
    'update shops set pixel_key = default where id = $1 returning pixel_key',
    [shopId],
  )
  if (!result.rows[0]) throw new Error(`there is no shop ${shopId}`)
  return result.rows[0].pixel_key
}
