/** Shops: installed, changed, uninstalled; and the facts about one that vendors' plans may use. */
import type { Pool, PoolClient } from 'pg'
import type { EffectOf } from './effects.ts'

export type Shop = {
  id: number
  /** "name.myshopify.com" */
  domain: string
  name: string | null
  /** ISO 4217 */
  currency: string | null
  /** "https://shop.example", without a trailing slash. */
  storefrontUrl: string
  installedAt: Date
  uninstalledAt: Date | null
}
type Row = {
  id: number
  domain: string
  name: string | null
  currency: string | null
  primary_domain: string | null
  installed_at: Date
  uninstalled_at: Date | null
}
const columns = 'id, domain, name, currency, primary_domain, installed_at, uninstalled_at'

const fromRow = (row: Row): Shop => ({
  id: row.id,
  domain: row.domain,
  name: row.name,
  currency: row.currency,
  storefrontUrl: `https://${row.primary_domain ?? row.domain}`,
  installedAt: row.installed_at,
  uninstalledAt: row.uninstalled_at,
})

/** Marks the shop as installed, new or again. @param domain a valid "name.myshopify.com" */
export async function installShop(pool: Pool, domain: string, scopes: readonly string[]): Promise<Shop> {
  const result = await pool.query<Row>(
    `insert into shops (domain, scopes) values ($1, $2)
     on conflict (domain) do update set scopes = excluded.scopes, uninstalled_at = null,
       installed_at = case when shops.uninstalled_at is null then shops.installed_at else now() end
     returning ${columns}`,
    [domain, scopes],
  )
  const row = result.rows[0]
  if (!row) throw new Error('installing a shop returned no row')
  return fromRow(row)
}

export async function shopByDomain(pool: Pool, domain: string): Promise<Shop | null> {
  const result = await pool.query<Row>(`select ${columns} from shops where domain = $1`, [domain])
  return result.rows[0] ? fromRow(result.rows[0]) : null
}

/** @throws when there is no such shop: lanes name only shops that exist. */
export async function shopById(pool: Pool, id: number): Promise<Shop> {
  const result = await pool.query<Row>(`select ${columns} from shops where id = $1`, [id])
  if (!result.rows[0]) throw new Error(`there is no shop ${id}`)
  return fromRow(result.rows[0])
}

/** Shops whose domain or name contains the text, by domain, at most 1,000. */
export async function findShops(pool: Pool, text: string): Promise<Shop[]> {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  const result = await pool.query<Row>(
    `select ${columns} from shops where domain ilike $1 or name ilike $1 order by domain limit 1000`,
    [pattern],
  )
  return result.rows.map(fromRow)
}

export async function changeShop(
  client: PoolClient,
  shopId: number,
  change: EffectOf<'shop_changed'>,
): Promise<void> {
  await client.query(
    `update shops set name = coalesce($2, name), currency = coalesce($3, currency), primary_domain = coalesce($4, primary_domain)
     where id = $1`,
    [shopId, change.name, change.currency, change.primaryDomain],
  )
}

export async function changeScopes(
  client: PoolClient,
  shopId: number,
  scopes: readonly string[],
): Promise<void> {
  await client.query('update shops set scopes = $2 where id = $1', [shopId, scopes])
}

/** A notice older than the present installation is about an earlier one, and is let pass. @param at ISO 8601 */
export async function uninstallShop(client: PoolClient, shopId: number, at: string): Promise<void> {
  await client.query(
    'update shops set uninstalled_at = coalesce(uninstalled_at, now()) where id = $1 and installed_at <= $2',
    [shopId, at],
  )
}
