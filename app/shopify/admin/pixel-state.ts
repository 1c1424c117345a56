/** How a shop's web pixel stands: what is remembered of it, and why it does not send, in words for a merchant. */
import type { Pool } from 'pg'
import { z } from 'zod'
import { toJsonb } from '../../db/jsonb.ts'
import type { Log } from '../../log.ts'
import { readPixelKeys } from '../pixel-key.ts'
import type { Shop } from '../shops.ts'
import { ADMIN_FAILURES, type AdminFailureKind } from './failure.ts'

/** The pixel extension's settings (extensions/README.md); the names are those of its `shopify.extension.toml`. */
export type PixelSettings = {
  /** Where it sends: the app's `/pixel/events`. */
  address: string
  /** "name.myshopify.com" */
  shop: string
  /** The shop's pixel key. */
  key: string
}
export type PixelShop = { id: number; domain: string; key: string }
export type PixelContext = { pool: Pool; log: Log; address: string }

/** Where pixels of this app send. @param appUrl the app's public address, without a trailing slash */
export const pixelAddress = (appUrl: string): string => `${appUrl}/pixel/events`

/** The shop with its pixel key. */
export async function pixelShop(pool: Pool, { id, domain }: Pick<Shop, 'id' | 'domain'>): Promise<PixelShop> {
  const keys = await readPixelKeys(pool, [domain])
  return { id, domain, key: keys.get(domain)?.key ?? '' }
}

const PIXEL_TROUBLES = {
  scopes:
    'The app may not set up its web pixel: it lacks the access scopes write_pixels and read_customer_events. Open the app in Shopify’s admin and grant them.',
  refused:
    'Shopify refused to set up the web pixel, although the app has the access scopes for it. It is tried again by itself, first within ten minutes, then at least once a day.',
  no_extension:
    'This version of the app has no web pixel at Shopify. The app’s developer must deploy it (shopify app deploy).',
  settings_refused:
    'Shopify refuses the web pixel’s settings. The app’s developer must deploy the extension that fits this version (shopify app deploy).',
  taken: 'Shopify says that the shop has the web pixel already, and does not show it. Try again.',
  not_found: 'Shopify does not find the shop’s web pixel. Try again.',
  unexpected: 'Shopify could not set up the web pixel. Try again.',
} as const
export type PixelTrouble = keyof typeof PIXEL_TROUBLES | Exclude<AdminFailureKind, 'denied'>

function sentenceOf(trouble: string): string {
  if (Object.hasOwn(PIXEL_TROUBLES, trouble)) return PIXEL_TROUBLES[trouble as keyof typeof PIXEL_TROUBLES]
  if (Object.hasOwn(ADMIN_FAILURES, trouble)) return ADMIN_FAILURES[trouble as AdminFailureKind].merchant
  return PIXEL_TROUBLES.unexpected
}

export type PixelState = {
  /** `active`: set as it should be. `outdated`: it runs, with settings that are no more. */
  state: 'active' | 'outdated' | 'inactive'
  /** Why the last try to set it failed; null: it did not. */
  trouble: string | null
  /** What to do, or that all is well. */
  message: string
  /** Shopify's id of it. */
  id: string | null
  address: string | null
  /** When it was last given settings. */
  setAt: Date | null
}

const SENTENCES: Record<PixelState['state'], string> = {
  active: 'The web pixel runs.',
  inactive: 'The web pixel was not activated for this shop yet.',
  outdated: 'The web pixel runs with an earlier address or key of the app. Activate it again.',
}

/** What setting a pixel needs (https://shopify.dev/docs/api/admin-graphql/latest/mutations/webPixelCreate). */
const SCOPES = ['write_pixels', 'read_customer_events']

/**
 * Shopify's refusal alone does not say that access is missing: where it was granted meanwhile, or had been before, there is nothing for
 * the merchant to do.
 * @throws when the database cannot be used
 */
export async function pixelState({ pool, address }: PixelContext, shop: PixelShop): Promise<PixelState> {
  const { id, settings, trouble: kept, granted, setAt } = await readPixel(pool, shop.id)
  const trouble = kept === 'scopes' && granted ? 'refused' : kept
  const right = settings?.address === address && settings.shop === shop.domain && settings.key === shop.key
  const state = id === null ? 'inactive' : right ? 'active' : 'outdated'
  const message = trouble === null ? SENTENCES[state] : sentenceOf(trouble)
  return { state, trouble, message, id, address: settings?.address ?? null, setAt }
}

const settingsSchema = z.object({ address: z.string(), shop: z.string(), key: z.string() })
type Known = {
  id: string | null
  settings: PixelSettings | null
  trouble: string | null
  /** The shop has granted what setting it needs. */
  granted: boolean
  setAt: Date | null
}

/** What is remembered. @throws when there is no such shop */
export async function readPixel(pool: Pool, shopId: number): Promise<Known> {
  const result = await pool.query<{
    id: string | null
    settings: unknown
    trouble: string | null
    granted: boolean
    at: Date | null
  }>(
    `select pixel_id as id, pixel_settings as settings, pixel_trouble as trouble, scopes @> $2 as granted, pixel_set_at as at
     from shops where id = $1`,
    [shopId, SCOPES],
  )
  const [row] = result.rows
  if (!row) throw new Error(`there is no shop ${shopId}`)
  const settings = settingsSchema.safeParse(row.settings)
  return {
    id: row.id,
    settings: settings.success ? settings.data : null,
    trouble: row.trouble,
    granted: row.granted,
    setAt: row.at,
  }
}

export async function keepPixel(
  pool: Pool,
  shopId: number,
  id: string,
  settings: PixelSettings,
): Promise<void> {
  await pool.query(
    `update shops set pixel_id = $2, pixel_settings = $3, pixel_trouble = null, pixel_set_at = now(), pixel_tried_at = now(),
       pixel_tries = 0 where id = $1`,
    [shopId, id, toJsonb(settings)],
  )
}

/** Keeps why it could not be set. What Shopify does not find any more is forgotten. */
export async function refusePixel(pool: Pool, shopId: number, trouble: PixelTrouble): Promise<void> {
  await pool.query(
    `update shops set pixel_trouble = $2, pixel_tried_at = now(), pixel_tries = pixel_tries + 1,
       pixel_id = case when $2 = any('{not_found,no_extension}') then null else pixel_id end where id = $1`,
    [shopId, trouble],
  )
}

/** Troubles that pass by themselves. */
const PASSING: readonly PixelTrouble[] = [
  'busy',
  'unreachable',
  'app_refused',
  'unexpected',
  'taken',
  'not_found',
]

/** What Shopify refuses although access was granted is tried again after this, in minutes; doubled each time, up to a day. */
const REFUSED_MINUTES = 5

/** The app has not asked since the access was granted, or not for as long as it was refused in a row. */
const IS_DUE = `(pixel_tried_at is null or scopes_stated_at > pixel_tried_at or pixel_tried_at < now() - least(interval '1 day',
  interval '${REFUSED_MINUTES} minutes' * power(2, least(greatest(pixel_tries, 1), 20) - 1)))`

/**
 * Installed shops whose pixel was set with another address or key, or not yet for a reason that passes or for want of access that they
 * have granted; at most 100, those first for which it was tried the longest ago: however many fail, the others have their turn.
 */
export async function pixelsToSet(pool: Pool, address: string): Promise<PixelShop[]> {
  const result = await pool.query<PixelShop>(
    `select id, domain, pixel_key as key from shops
     where uninstalled_at is null and admin_trouble is null
       and (pixel_trouble = any($2) or pixel_trouble = 'scopes' and scopes @> $3 and ${IS_DUE} or pixel_trouble is null and pixel_id is not null
         and (pixel_settings->>'address' is distinct from $1 or pixel_settings->>'key' is distinct from pixel_key))
     order by pixel_tried_at nulls first limit 100`,
    [address, PASSING, SCOPES],
  )
  return result.rows
}
