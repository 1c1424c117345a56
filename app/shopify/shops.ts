/** Shops: installed, changed, uninstalled; and the facts about one that vendors' plans may use. */
import type { Pool, PoolClient } from 'pg'
import type { PrismaClient } from '../db/database.ts'
import { type EffectOf, stampOf } from './effects.ts'

export type Shop = {
  id: number
  /** "name.myshopify.com" */
  domain: string
  name: string | null
  /** ISO 4217 */
  currency: string | null
  /** "https://shop.example", without a trailing slash; http for a store on this machine. */
  storefrontUrl: string
  installedAt: Date
  uninstalledAt: Date | null
  /** After so many minutes without a change and without an order a checkout counts as abandoned; 0: never. */
  abandonedAfterMinutes: number
  /** A release sends what was received within so many days before it. */
  releaseWithinDays: number
  /** What a visitor does waits so many hours for the person to become known; 0: it does not wait. */
  personWaitHours: number
  /** Which of "storefront" and "pixel" have ever told of an event. */
  collectors: readonly string[]
  /** IANA's name, as "Europe/Prague"; null: not known. */
  timeZone: string | null
  /** Of the merchant's pages, where one is chosen for the shop: "pt-BR"; null: that of Shopify's admin. */
  language: string | null
}
type Row = {
  id: number
  domain: string
  name: string | null
  currency: string | null
  primaryDomain: string | null
  installedAt: Date
  uninstalledAt: Date | null
  abandonedAfterMinutes: number
  releaseWithinDays: number
  personWaitHours: number
  collectors: string[]
  language: string | null
  timeZone: string | null
}

/** Where nobody can have a certificate, and Shopify never has a shop: a store to try things in. */
const LOOPBACK = /^127\.0\.0\.1(:\d+)?$/

function toShop(row: Row): Shop {
  const { id, domain, name, currency, primaryDomain, installedAt, uninstalledAt, ...own } = row
  const host = primaryDomain ?? domain
  const storefrontUrl = `${LOOPBACK.test(host) ? 'http' : 'https'}://${host}`
  const { abandonedAfterMinutes, releaseWithinDays, personWaitHours, collectors, language, timeZone } = own
  const settings = {
    abandonedAfterMinutes,
    releaseWithinDays,
    personWaitHours,
    collectors,
    language,
    timeZone,
  }
  return { id, domain, name, currency, storefrontUrl, installedAt, uninstalledAt, ...settings }
}

/** Marks the shop as installed, new or again. @param domain a valid "name.myshopify.com" */
export async function installShop(
  prisma: PrismaClient,
  domain: string,
  scopes: readonly string[],
): Promise<Shop> {
  const now = new Date()
  const granted = { scopes: [...scopes], scopesStatedAt: now, scopesNoticedAt: now }
  const shop = await prisma.shop.upsert({
    where: { domain },
    create: { domain, ...granted },
    update: granted,
  })
  if (shop.uninstalledAt === null) return toShop(shop)
  const again = { uninstalledAt: null, installedAt: now }
  return toShop(await prisma.shop.update({ where: { domain }, data: again }))
}

/** Shopify's admin has opened the app in this language. */
export async function keepAdminLanguage(pool: Pool, shopId: number, language: string): Promise<void> {
  await pool.query(
    'update shops set admin_language = $2 where id = $1 and admin_language is distinct from $2',
    [shopId, language],
  )
}

export async function shopByDomain(prisma: PrismaClient, domain: string): Promise<Shop | null> {
  const shop = await prisma.shop.findUnique({ where: { domain } })
  return shop && toShop(shop)
}

/** For the drain, which asks for every batch. @throws when there is no such shop: lanes name only shops that exist */
export async function shopById(pool: Pool, id: number): Promise<Shop> {
  const result = await pool.query<Row>({
    name: 'shop-by-id',
    text: `select id, domain, name, currency, primary_domain as "primaryDomain", installed_at as "installedAt",
            uninstalled_at as "uninstalledAt", abandoned_after_minutes as "abandonedAfterMinutes",
            release_within_days as "releaseWithinDays", person_wait_hours as "personWaitHours", collectors, language, time_zone as "timeZone"
     from shops where id = $1`,
    values: [id],
  })
  if (!result.rows[0]) throw new Error(`there is no shop ${id}`)
  return toShop(result.rows[0])
}

/**
 * Shops whose domain or name contains the text, by domain, so many at most, and whether more follow.
 * @param after only domains that come after this one
 */
export async function findShops(
  prisma: PrismaClient,
  text: string,
  after: string,
  most: number,
): Promise<{ shops: Shop[]; more: boolean }> {
  const contains = { contains: text, mode: 'insensitive' } as const
  const shops = await prisma.shop.findMany({
    where: { OR: [{ domain: contains }, { name: contains }], domain: { gt: after } },
    orderBy: { domain: 'asc' },
    take: most + 1,
  })
  return { shops: shops.slice(0, most).map(toShop), more: shops.length > most }
}

/** Whether the parameter says something of the column that is newer than what is known, or as new and chosen by its text. */
const isNews = (field: string, column: string, parameter: string) =>
  `(${parameter}::text is not null
    and ($5::text, ${parameter}) > (coalesce(stated->>'${field}', ''), coalesce(${column}, '')))`
const NEWS = {
  name: isNews('name', 'name', '$2'),
  currency: isNews('currency', 'currency', '$3'),
  primaryDomain: isNews('primaryDomain', 'primary_domain', '$4'),
  timeZone: isNews('timeZone', 'time_zone', 'known_zone($6)'),
}

/**
 * Keeps of each field what the newest notice says that says something of it. Notices come to the same in whatever order
 * they come, and however often.
 */
export async function changeShop(
  client: PoolClient,
  shopId: number,
  change: EffectOf<'shop_changed'>,
): Promise<void> {
  await client.query(
    `update shops set
       name = case when ${NEWS.name} then $2 else name end,
       currency = case when ${NEWS.currency} then $3 else currency end,
       primary_domain = case when ${NEWS.primaryDomain} then $4 else primary_domain end,
       time_zone = case when ${NEWS.timeZone} then $6 else time_zone end,
       stated = stated || jsonb_strip_nulls(jsonb_build_object(
         'name', case when ${NEWS.name} then $5 end,
         'currency', case when ${NEWS.currency} then $5 end,
         'primaryDomain', case when ${NEWS.primaryDomain} then $5 end,
         'timeZone', case when ${NEWS.timeZone} then $5 end))
     where id = $1`,
    [shopId, change.name, change.currency, change.primaryDomain, stampOf(change), change.timeZone],
  )
}

/** Keeps what is newest, in whatever order notices come, and however often. */
export async function changeScopes(
  client: PoolClient,
  shopId: number,
  { scopes, updatedAt, noticedAt }: EffectOf<'scopes_changed'>,
): Promise<void> {
  await client.query(
    `update shops set scopes = $2, scopes_stated_at = $3, scopes_noticed_at = $4
     where id = $1 and (scopes_stated_at is null
       or ($3::timestamptz, $4::timestamptz, $2::text[]) > (scopes_stated_at, coalesce(scopes_noticed_at, '-infinity'), scopes))`,
    [shopId, scopes, updatedAt, noticedAt],
  )
}

/**
 * A notice older than the present installation is about an earlier one, and is let pass. The shop's web pixel is gone with the app.
 * @param at ISO 8601
 * @returns whether the shop is uninstalled now
 */
export async function uninstallShop(client: PoolClient, shopId: number, at: string): Promise<boolean> {
  const result = await client.query(
    `update shops set uninstalled_at = coalesce(uninstalled_at, now()),
       pixel_id = null, pixel_settings = null, pixel_trouble = null, admin_trouble = null, admin_trouble_at = null
     where id = $1 and installed_at <= $2`,
    [shopId, at],
  )
  return result.rowCount === 1
}
