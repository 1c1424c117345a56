/** The app under measurement: its environment, its shops, and the folder in which a run keeps its logs and profiles. */
import { randomBytes } from 'node:crypto'
import { openDatabase } from '../../app/db/database.ts'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { parseKeys } from '../../app/secrets/keys.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { DEMO_CREDENTIALS } from '../../sandbox/vendors/server.ts'

export const SECRET = 'shpss_bench_0123456789abcdef0123456789'
const SEALING_KEY = `bench:${randomBytes(32).toString('base64')}`

/** Every vendor takes orders: Topmail's are off by default. */
const SETTINGS: Record<string, Record<string, unknown>> = {
  ecomail: { ...DEMO_CREDENTIALS.ecomail },
  topmail: { ...DEMO_CREDENTIALS.topmail, createContacts: true, rows: { order_created: true } },
  alana: { ...DEMO_CREDENTIALS.alana },
  voucherify: {
    region: 'eu',
    mode: 'server',
    appId: DEMO_CREDENTIALS.voucherify.appId,
    appToken: DEMO_CREDENTIALS.voucherify.appToken,
  },
}
export const ALL_VENDORS: readonly string[] = Object.keys(SETTINGS)

/** The usual setting: under load requests are kept as they come, and accepted by a worker later. */
export const SPOOLING = { SPOOL_FROM: '' }

export const shopDomain = (number: number) => `bench-${number}.myshopify.com`

/** The environment of an app's process. @param vendorUrls base address by vendor; unset: the process must not send */
export function environment(
  databaseUrl: string,
  role: 'web' | 'worker',
  vendorUrls: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const nowhere = 'http://127.0.0.1:9'
  const bases = ALL_VENDORS.map(vendor => [`${vendor.toUpperCase()}_BASE_URL`, vendorUrls[vendor] ?? nowhere])
  return {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    SLUICE_ROLE: role,
    SHOPIFY_API_KEY: 'bench-key',
    SHOPIFY_API_SECRET: SECRET,
    SHOPIFY_APP_URL: 'https://sluice.example.com',
    SCOPES: 'read_orders',
    SLUICE_SECRETS_KEYS: SEALING_KEY,
    // What is measured is accepting and delivering, unless a benchmark says otherwise (SPOOLING).
    SPOOL_FROM: '999999',
    // All events come from a handful of visitors.
    STOREFRONT_EVENTS_PER_SHOP: '999999999',
    STOREFRONT_EVENTS_PER_ADDRESS: '999999999',
    STOREFRONT_EVENTS_PER_VISITOR: '999999999',
    ...Object.fromEntries(bases),
  }
}

/**
 * Installs shops (their domains are `shopDomain(from)` and so on) with the vendors connected.
 * @returns their ids
 */
export async function installShops(
  databaseUrl: string,
  { count, vendors, from = 0 }: { count: number; vendors: readonly string[]; from?: number },
): Promise<number[]> {
  const database = openDatabase(databaseUrl)
  const sealer = createSealer(parseKeys(SEALING_KEY))
  const ids: number[] = []
  try {
    for (let number = from; number < from + count; number++) {
      const { id } = await installShop(database.prisma, shopDomain(number), [])
      for (const vendor of vendors) {
        await saveConnection(database.pool, sealer, id, vendorById(vendor), { ...SETTINGS[vendor] })
      }
      ids.push(id)
    }
    return ids
  } finally {
    await database.close()
  }
}
