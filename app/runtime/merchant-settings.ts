/** What the page of a shop's settings asks for: what is set, saving it, trying alerts, the web pixel, and taking the data away. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Pool } from 'pg'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Config } from '../config.ts'
import type { ConsentPurpose, StoreEvent } from '../events/store-event.ts'
import type { EventType } from '../events/types.ts'
import { shopChannels, type Tried, tryChannels } from '../insights/alerts/shop-channels.ts'
import type { AlertKind } from '../insights/alerts/thresholds.ts'
import { type Days, lastDays, momentsOf } from '../insights/days.ts'
import { exportPage } from '../insights/export.ts'
import { type ExportTable, SEPARATORS, type Separator } from '../insights/export-csv.ts'
import { readShopSettings, saveShopSettings } from '../insights/shop-settings.ts'
import {
  MOST_EMAILS,
  type SettingsBounds,
  type SettingsProblems,
  type SettingsValues,
  settingsOf,
  shownWebhook,
} from '../insights/shop-settings-form.ts'
import {
  type CollectorState,
  type StorefrontStatus,
  storefrontStatus,
} from '../insights/storefront-status.ts'
import { formOf } from '../insights/vendor-form.ts'
import type { Log } from '../log.ts'
import { retentionOf, SHORTEST_RETENTION_DAYS } from '../privacy/shop-retention.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Admin } from '../shopify/admin/client.ts'
import { refusedPages } from '../shopify/admin/hosts.ts'
import { activatePixel } from '../shopify/admin/pixel.ts'
import { type PixelState, pixelAddress, pixelShop, pixelState } from '../shopify/admin/pixel-state.ts'
import type { Shop } from '../shopify/shops.ts'
import { embedEditorUrl } from '../shopify/theme-editor.ts'
import type { PurposeChoice } from '../vendors/purposes.ts'
import { VENDORS } from '../vendors/registry.ts'
import { savedAsFarAsOpened } from './connecting.ts'
import { withTheirPeople } from './filling.ts'

export type { Tried } from '../insights/alerts/shop-channels.ts'
export { exportWords } from '../insights/export-words.ts'
export type { SettingsProblems, SettingsValues } from '../insights/shop-settings-form.ts'
export { SEPARATORS, type Separator }

/** Which purposes a visitor must have allowed for what a connected vendor is sent. */
export type VendorPurposes = {
  id: string
  name: string
  /** `unless`: a notice of Shopify's, which only a known refusal of that stops. */
  rows: { type: EventType; purposes: readonly ConsentPurpose[]; unless: PurposeChoice | null }[]
}
/** `trouble`: why it could not be set, as a code; null: nothing is wrong. Times in ISO 8601. */
export type PixelShown = Pick<PixelState, 'state' | 'trouble'> & {
  setAt: string | null
  heardAt: string | null
  /** Of which page its events were refused in the last day; an empty host: of no web page. */
  refused: { host: string; at: string } | null
}
export type SettingsPage = {
  /** In days. */
  retention: { days: number; shortest: number; longest: number }
  language: string | null
  alerts: {
    emails: readonly string[]
    mostEmails: number
    /** Masked; null: there is none. */
    webhook: string | null
    signed: boolean
    kinds: readonly AlertKind[]
    /** Whether this installation can send e-mail. */
    mail: boolean
  }
  purposes: VendorPurposes[]
  /** `editor`: where the embed is switched on. */
  embed: { state: CollectorState['state']; heardAt: string | null; editor: string }
  pixel: PixelShown
  /** What is proposed to take away. */
  proposed: Days
}
/** `part`: how much of the period is in this page and those before it, from 0 to 1. `next`: where to go on; null: that was all. */
export type ExportPart = { file: Uint8Array<ArrayBuffer>; count: number; next: string | null; part: number }
export type SettingsAnswer =
  | { kind: 'saved'; languageChanged: boolean }
  | { kind: 'invalid'; problems: SettingsProblems }

export type MerchantSettings = {
  page(shop: Shop): Promise<SettingsPage>
  /** Saves all of it, or nothing. */
  save(shop: Shop, values: SettingsValues): Promise<SettingsAnswer>
  /** Sends a test to the addresses that are saved. Null: there were too many tests of late. */
  tryAlerts(shop: Shop): Promise<Tried[] | null>
  activatePixel(shop: Shop): Promise<PixelShown>
  /**
   * A page of the shop's events in the order of receipt, compressed: pages behind each other are one file.
   * @param after null: the first @param table how a table is written; null: lines of JSON
   */
  export(shop: Shop, days: Days, after: string | null, table: ExportTable | null): Promise<ExportPart>
}

export type SettingsContext = {
  pool: Pool
  sealer: Sealer
  log: Log
  admin: Admin
  config: Pick<Config, 'alerts' | 'retentionDays' | 'shopify'>
}

/** What is proposed to take away: a month, the shortest time for which events are kept. */
const PROPOSED_DAYS = 31
/** A test writes to whatever address was typed: so many within so many seconds, of one shop and in one process. */
const TESTS = { points: 5, duration: 600 }

const compress = promisify(gzip)

export function createMerchantSettings(context: SettingsContext): MerchantSettings {
  const { pool, sealer, config } = context
  const bounds: SettingsBounds = { platformDays: config.retentionDays, mail: config.alerts.email !== null }
  const tests = new RateLimiterMemory(TESTS)
  const about = { ...context, address: pixelAddress(config.shopify.appUrl) }

  return {
    async page(shop) {
      const [{ retentionDays, language, alerts }, purposes, heard] = await Promise.all([
        readShopSettings(pool, sealer, shop.id),
        purposesOf(pool, sealer, shop),
        storefrontStatus(pool, shop.id),
      ])
      const { emails, webhook, kinds } = alerts
      return {
        retention: {
          days: retentionOf(retentionDays, bounds.platformDays),
          shortest: SHORTEST_RETENTION_DAYS,
          longest: bounds.platformDays,
        },
        language,
        alerts: {
          ...{ emails, kinds, mostEmails: MOST_EMAILS, mail: bounds.mail },
          webhook: webhook && shownWebhook(webhook),
          signed: webhook?.secret != null,
        },
        purposes,
        embed: {
          state: heard.embed.state,
          heardAt: heard.embed.lastAt?.toISOString() ?? null,
          editor: embedEditorUrl(shop.domain, config.shopify.apiKey),
        },
        pixel: await shownPixel(shop, await pixelState(about, await pixelShop(pool, shop)), heard),
        proposed: lastDays(new Date(), PROPOSED_DAYS, shop.timeZone),
      }
    },
    async save(shop, values) {
      const saved = await readShopSettings(pool, sealer, shop.id)
      const read = settingsOf(values, saved, bounds)
      if ('problems' in read) return { kind: 'invalid', problems: read.problems }
      await saveShopSettings(pool, sealer, shop.id, read.settings)
      return { kind: 'saved', languageChanged: read.settings.language !== saved.language }
    },
    async tryAlerts(shop) {
      try {
        await tests.consume(shop.id)
      } catch (full) {
        if (full instanceof RateLimiterRes) return null
        throw full
      }
      const channels = await shopChannels(pool, sealer, config.alerts.email, shop.id, config.shopify.apiKey)
      return tryChannels(channels, shop.domain, new Date())
    },
    async activatePixel(shop) {
      const state = await activatePixel(about, await pixelShop(pool, shop))
      return shownPixel(shop, state, await storefrontStatus(pool, shop.id))
    },
    async export(shop, days, after, table) {
      const period = await momentsOf(pool, shop.timeZone, days)
      const { id } = shop
      const withPeople = (events: readonly StoreEvent[]) => withTheirPeople(pool, sealer, id, events)
      const page = await exportPage({ pool, sealer, withPeople }, id, period, after, table, shop.timeZone)
      const { lines, count, next, reached } = page
      const since = period.since.getTime()
      const until = Math.max(since + 1, Math.min(period.until.getTime(), Date.now()))
      const part = Math.min(1, Math.max(0, (reached.getTime() - since) / (until - since)))
      return { file: new Uint8Array(await compress(lines)), count, next, part }
    },
  }

  async function shownPixel(
    shop: Shop,
    { state, trouble, setAt }: PixelState,
    heard: StorefrontStatus,
  ): Promise<PixelShown> {
    const [refused = null] = await refusedPages(pool, shop.domain)
    return {
      state,
      trouble,
      setAt: setAt?.toISOString() ?? null,
      heardAt: heard.pixel.lastAt?.toISOString() ?? null,
      refused: refused && { host: refused.host, at: refused.at.toISOString() },
    }
  }
}

/** What is switched on, of the vendors that are connected. */
async function purposesOf(pool: Pool, sealer: Sealer, shop: Shop): Promise<VendorPurposes[]> {
  const found = await Promise.all(
    VENDORS.map(async vendor => {
      const given = await savedAsFarAsOpened({ pool, sealer }, { shopId: shop.id, vendor: vendor.id })
      if (!given) return []
      const rows = formOf(vendor, given).rows.filter(({ on }) => on)
      return [
        {
          id: vendor.id,
          name: vendor.name,
          rows: rows.map(({ type, purposes, consent }) => ({
            ...{ type, purposes },
            unless: consent?.notice ? consent.value : null,
          })),
        },
      ]
    }),
  )
  return found.flat()
}
