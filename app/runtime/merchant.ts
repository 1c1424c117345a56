/**
 * What merchants' pages ask for, each of one shop: the one of the verified session. No page names a shop by itself, so none can
 * name another.
 */
import type { Database } from '../db/database.ts'
import type { Lane } from '../delivery/lane.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { EmbeddedApp } from '../shopify/admin/embedded.ts'
import { installShop, type Shop, shopByDomain } from '../shopify/shops.ts'
import type { Connecting } from './connecting.ts'
import { createMerchantAccuracy, type MerchantAccuracy } from './merchant-accuracy.ts'
import { createMerchantActivity, type MerchantActivity } from './merchant-activity.ts'
import { createMerchantHome, type MerchantHome, type MerchantHomeContext } from './merchant-home.ts'
import { createMerchantSettings, type MerchantSettings, type SettingsContext } from './merchant-settings.ts'
import { createMerchantPreview, type MerchantPreview } from './merchant-preview.ts'
import { createMerchantVendors, type MerchantVendors } from './merchant-vendors.ts'

export type Merchant = {
  /**
   * @returns the shop that the request is for, which is known from then on
   * @throws Response when the session is not a merchant's
   */
  enter(request: Request): Promise<Shop>
  home: MerchantHome
  accuracy: MerchantAccuracy
  activity: MerchantActivity
  connections: MerchantVendors
  settings: MerchantSettings
  preview: MerchantPreview
}

export type MerchantContext = {
  database: Database
  sealer: Sealer
  embedded: EmbeddedApp
  /** Wakes a lane. */
  signal(lane: Lane): Promise<void>
} & Pick<Connecting, 'sender' | 'gate' | 'vendorBaseUrls'> &
  Pick<MerchantHomeContext, 'log' | 'admin' | 'apiKey' | 'appUrl'> &
  Pick<SettingsContext, 'config'>

export function createMerchant(context: MerchantContext): Merchant {
  const { database, sealer, embedded, signal, sender, gate, vendorBaseUrls, admin, config } = context
  const { prisma, pool } = database
  const connecting: Connecting = { pool, prisma, sealer, signal, sender, gate, vendorBaseUrls }
  return {
    async enter(request) {
      const { shop: domain, scopes } = await embedded.authenticate(request)
      const shop = await shopByDomain(prisma, domain)
      // A session outlives the row where the database was restored from before the installation.
      return shop && shop.uninstalledAt === null ? shop : await installShop(prisma, domain, scopes)
    },
    home: createMerchantHome({ ...context, pool, connecting }),
    accuracy: createMerchantAccuracy({ pool, admin, retentionDays: config.retentionDays }),
    activity: createMerchantActivity({ database, sealer, signal }),
    connections: createMerchantVendors(connecting),
    preview: createMerchantPreview({ database, sealer, vendorBaseUrls }),
    settings: createMerchantSettings({ ...context, pool }),
  }
}
