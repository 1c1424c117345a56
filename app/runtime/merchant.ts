/**
 * What merchants' pages ask for, each of one shop: the one of the verified session. No page names a shop by itself, so none can
 * name another.
 */
import type { SupportConfig } from '../config-support.ts'
import { type Database, isUnavailable } from '../db/database.ts'
import type { Lane } from '../delivery/lane.ts'
import { sayingsIn } from '../insights/sayings.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { EmbeddedApp } from '../shopify/admin/embedded.ts'
import { installShop, keepAdminLanguage, type Shop, shopByDomain } from '../shopify/shops.ts'
import { languageOf } from '../ui/languages.ts'
import type { Connecting } from './connecting.ts'
import { createMerchantAccuracy, type MerchantAccuracy } from './merchant-accuracy.ts'
import { createMerchantActivity, type MerchantActivity } from './merchant-activity.ts'
import { createMerchantHome, type MerchantHome, type MerchantHomeContext } from './merchant-home.ts'
import { createMerchantPreview, type MerchantPreview } from './merchant-preview.ts'
import { createMerchantSettings, type MerchantSettings, type SettingsContext } from './merchant-settings.ts'
import { createMerchantSupport, type MerchantSupport } from './merchant-support.ts'
import { createMerchantVendors, type MerchantVendors } from './merchant-vendors.ts'

export type Merchant = {
  /**
   * @returns the shop that the request is for, which is known from then on
   * @throws Response when the session is not a merchant's; 502 when Shopify, 503 when the database cannot be asked
   */
  enter(request: Request): Promise<Shop>
  home: MerchantHome
  accuracy: MerchantAccuracy
  /** Whom a merchant asks for help. */
  support: SupportConfig
  /** What is built in English here, such as what came of a test, in the language of a page: by the English. */
  sayings(language: string): Readonly<Record<string, string>>
  activity: MerchantActivity
  connections: MerchantVendors
  settings: MerchantSettings
  preview: MerchantPreview
  /** What support did. */
  deeds: MerchantSupport
}

export type MerchantContext = {
  database: Database
  sealer: Sealer
  embedded: EmbeddedApp
  support: SupportConfig
  /** Wakes a lane. */
  signal(lane: Lane): Promise<void>
} & Pick<Connecting, 'sender' | 'gate' | 'vendorBaseUrls'> &
  Pick<MerchantHomeContext, 'log' | 'admin' | 'apiKey' | 'appUrl' | 'accept' | 'wake'> &
  Pick<SettingsContext, 'config'>

export function createMerchant(context: MerchantContext): Merchant {
  const { database, sealer, embedded, support, signal, sender, gate, vendorBaseUrls, admin, config } = context
  const { prisma, pool } = database
  const connecting: Connecting = { pool, prisma, sealer, signal, sender, gate, vendorBaseUrls }
  const { retentionDays } = config
  return {
    async enter(request) {
      try {
        const { shop: domain, scopes } = await embedded.authenticate(request)
        const known = await shopByDomain(prisma, domain)
        // A session outlives the row where the database was restored from before the installation.
        const shop = known && known.uninstalledAt === null ? known : await installShop(prisma, domain, scopes)
        const locale = new URL(request.url).searchParams.get('locale')
        if (locale) await keepAdminLanguage(pool, shop.id, languageOf([locale]))
        return shop
      } catch (error) {
        throw whatIsAway(error)
      }
    },
    home: createMerchantHome({ ...context, pool, connecting, retentionDays }),
    accuracy: createMerchantAccuracy({ pool, admin, retentionDays }),
    support,
    sayings: sayingsIn,
    activity: createMerchantActivity({ database, sealer, log: context.log, signal }),
    connections: createMerchantVendors(connecting),
    preview: createMerchantPreview({ database, sealer, vendorBaseUrls }),
    settings: createMerchantSettings({ ...context, pool }),
    deeds: createMerchantSupport({ pool }),
  }
}

/** The library answers 500 where the token's exchange fails for a reason that is not the merchant's. */
function whatIsAway(error: unknown): unknown {
  if (error instanceof Response) return error.status === 500 ? new Response(null, { status: 502 }) : error
  return isUnavailable(error) ? new Response(null, { status: 503 }) : error
}
