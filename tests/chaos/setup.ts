/** What a run needs before it begins: vendors that know every shop's keys, shops with all four connected, the app's settings. */
import type { Database } from '../../app/db/database.ts'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { parseKeys } from '../../app/secrets/keys.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { VENDORS, type VendorName } from '../../sandbox/vendors/contract.ts'
import { demoCredentials } from '../../sandbox/vendors/credentials.ts'
import { type Sandbox, startVendors } from '../../sandbox/vendors/server.ts'
import { seededRandom } from './random.ts'

export const APP_SECRET = 'shpss_0123456789abcdef0123456789abcdef'

/** Every shop has keys of its own, because vendors count requests by key. */
const keyOf = (vendor: VendorName, shop: number) => `chaos-key-of-${vendor}-${String(shop).padStart(2, '0')}`

/** Stand-ins without limits, whose faults by chance follow the seed. */
export function startVendorsFor(shops: number, seed: number): Promise<Sandbox> {
  const credentials = demoCredentials()
  for (let shop = 1; shop <= shops; shop++) {
    for (const vendor of ['ecomail', 'topmail', 'alana'] as const)
      credentials[vendor].apiKeys.add(keyOf(vendor, shop))
    credentials.voucherify.server.set(`app-${shop}`, keyOf('voucherify', shop))
  }
  return startVendors({ limits: false, credentials, random: seededRandom(seed).next })
}

/** Installs shops and connects every vendor in each. @returns their domains */
export async function connectShops(database: Database, sealingKey: string, count: number): Promise<string[]> {
  const sealer = createSealer(parseKeys(sealingKey))
  const domains: string[] = []
  for (let shop = 1; shop <= count; shop++) {
    const domain = `chaos-${shop}.myshopify.com`
    const { id } = await installShop(database.prisma, domain, [])
    const settings = {
      ecomail: { apiKey: keyOf('ecomail', shop) },
      topmail: { apiKey: keyOf('topmail', shop), rows: { order_created: true } },
      alana: { apiKey: keyOf('alana', shop) },
      voucherify: {
        mode: 'server',
        accountPlan: 'enterprise',
        appId: `app-${shop}`,
        appToken: keyOf('voucherify', shop),
        rows: { customer_created: false },
      },
    }
    for (const vendor of VENDORS)
      await saveConnection(database.pool, sealer, id, vendorById(vendor), settings[vendor])
    domains.push(domain)
  }
  return domains
}

/** The environment of every process, but for its role, its port and its ways to the vendors. */
export function environment(databaseUrl: string, sealingKey: string): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    SHOPIFY_API_KEY: 'chaos-key',
    SHOPIFY_API_SECRET: APP_SECRET,
    SHOPIFY_APP_URL: 'https://sluice.example.com',
    // Faults make senders repeat themselves, and all come from a few visitors.
    STOREFRONT_EVENTS_PER_SHOP: '999999999',
    STOREFRONT_EVENTS_PER_ADDRESS: '999999999',
    STOREFRONT_EVENTS_PER_VISITOR: '999999999',
    SCOPES: 'read_orders',
    SLUICE_SECRETS_KEYS: sealingKey,
    LOG_LEVEL: 'info',
  }
}
