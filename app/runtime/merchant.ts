/**
 * What merchants' pages ask for, each of one shop: the one of the verified session. No page names a shop by itself, so none can
 * name another.
 */
import type { SupportConfig } from '../config-support.ts'
import type { Database } from '../db/database.ts'
import type { Lane } from '../delivery/lane.ts'
import { type LaneLine, listLanes } from '../insights/lanes.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { EmbeddedApp } from '../shopify/admin/embedded.ts'
import { installShop, type Shop, shopByDomain } from '../shopify/shops.ts'
import { VENDORS } from '../vendors/registry.ts'
import type { Connecting } from './connecting.ts'
import { createMerchantActivity, type MerchantActivity } from './merchant-activity.ts'
import { createMerchantVendors, type MerchantVendors } from './merchant-vendors.ts'

/** A vendor as the merchant knows it, with its lane when it is connected. */
export type VendorLine = { id: string; name: string; lane: LaneLine | null }

export type Merchant = {
  /**
   * @returns the shop that the request is for, which is known from then on
   * @throws Response when the session is not a merchant's
   */
  enter(request: Request): Promise<Shop>
  vendors(shop: Shop): Promise<VendorLine[]>
  /** Whom a merchant asks for help. */
  support: SupportConfig
  activity: MerchantActivity
  connections: MerchantVendors
}

export type MerchantContext = {
  database: Database
  sealer: Sealer
  embedded: EmbeddedApp
  support: SupportConfig
  /** Wakes a lane. */
  signal(lane: Lane): Promise<void>
} & Pick<Connecting, 'sender' | 'gate' | 'vendorBaseUrls'>

export function createMerchant({
  database,
  sealer,
  embedded,
  support,
  signal,
  ...trying
}: MerchantContext): Merchant {
  const { prisma, pool } = database
  return {
    async enter(request) {
      const { shop: domain } = await embedded.authenticate(request)
      const shop = await shopByDomain(prisma, domain)
      // A session outlives the row where the database was restored from before the installation.
      return shop && shop.uninstalledAt === null ? shop : await installShop(prisma, domain, [])
    },
    async vendors(shop) {
      const lanes = await listLanes(pool, sealer, shop.id)
      return VENDORS.map(({ id, name }) => ({
        id,
        name,
        lane: lanes.find(({ vendor }) => vendor === id) ?? null,
      }))
    },
    support,
    activity: createMerchantActivity({ database, sealer, signal }),
    connections: createMerchantVendors({ pool, prisma, sealer, signal, ...trying }),
  }
}
