/**
 * The demo on one machine: stand-in vendors, the app, a shop with all four vendors connected, and that shop's
 * storefront, all from npm packages. Its keys are invented and open nothing but the demo.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { readConfig } from '../../app/config.ts'
import { removeEmbedded } from '../../app/db/embedded/index.ts'
import { tryLock } from '../../app/db/embedded/lock.ts'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import type { Log } from '../../app/log.ts'
import { type RunningServer, startServer } from '../../app/runtime/server.ts'
import { activatePixel } from '../../app/shopify/admin/pixel.ts'
import { pixelAddress } from '../../app/shopify/admin/pixel-state.ts'
import { createSessionStorage } from '../../app/shopify/admin/session-storage.ts'
import { readPixelKeys } from '../../app/shopify/pixel-key.ts'
import { installShop } from '../../app/shopify/shops.ts'
import type { Given } from '../../app/support/accounts.ts'
import { ensurePixel } from '../../scripts/pixel.ts'
import { type AdminFrame, startAdminFrame } from '../admin/frame.ts'
import { startMailServer } from '../mailbox/smtp.ts'
import type { AdminCustomer, AdminStandIn } from '../store/admin/contract.ts'
import { startAdmin } from '../store/admin/server.ts'
import { offlineSession } from '../store/admin/session.ts'
import { createOrders } from '../store/checkouts.ts'
import { EXAMPLES } from '../store/customers.ts'
import { createStore, type Store } from '../store/shopify.ts'
import type { Storefront } from '../store/storefront.ts'
import { listen } from '../vendors/listen.ts'
import { DEMO_CREDENTIALS, type Sandbox, startVendors } from '../vendors/server.ts'
import { forgetOrders, keepOrders } from './orders.ts'
import { createStores, type Stores } from './stores.ts'
import { DEMO_SUPPORT, demoSupport } from './support.ts'

export const DEMO_SHOP = 'sluice-demo.myshopify.com'
/** Signs the demo's webhooks; README shows it. */
export const DEMO_SECRET = 'demo-secret'
const DEMO_KEY = 'demo-key'
/** As in shopify.app.toml. */
const DEMO_SCOPES =
  'read_orders,read_customers,read_products,write_app_proxy,write_pixels,read_customer_events'

export type Demo = {
  appUrl: string
  server: RunningServer
  vendors: Sandbox
  /** Shopify's Admin API as the app sees it; its `pixel` is what the storefront runs. */
  admin: AdminStandIn
  store: Store
  /** The app as the merchant opens it. */
  frame: AdminFrame
  /** Who can sign in to the support console. */
  support: Given
  /** Null when it was not asked for. */
  storefront: Storefront | null
  close(): Promise<void>
}
export type DemoOptions = {
  folder: string
  /** 0: any free ports. */
  port: number
  log: Log
  /** A storefront to walk through; without one nothing happens in the shop by itself. */
  storefront: boolean
}
/** What `extensions/pixel/shopify.extension.toml` asks of a visitor. */
const PIXEL_NEEDS = ['analytics', 'marketing', 'sale_of_data'] as const
/** The app, the page of inboxes, four vendors, the storefront and the admin. */
export const PORTS = 8

/** Settings of each vendor in the demo shop. */
const CONNECTIONS: Record<string, Record<string, unknown>> = {
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

/** Starts it all. @throws when it runs already or a port is taken, with nothing left running */
export async function startDemo({ folder, port, log, ...wanted }: DemoOptions): Promise<Demo> {
  mkdirSync(folder, { recursive: true })
  const lock = tryLock(join(folder, 'demo.lock'))
  if (!lock)
    throw new Error('The demo runs already; its addresses are where it was started. Stop that one first.')
  const opened: (() => Promise<void>)[] = [async () => lock.release()]
  const close = async () => {
    for (const end of opened.reverse()) await end()
  }
  try {
    const at = (offset: number) => (port === 0 ? 0 : port + offset)
    const ports = { inbox: at(1), ecomail: at(2), topmail: at(3), alana: at(4), voucherify: at(5) }
    const vendors = await startVendors({ ports })
    opened.push(() => vendors.close())
    const admin = await startAdmin({
      apiKey: DEMO_KEY,
      apiSecret: DEMO_SECRET,
      scopes: DEMO_SCOPES.split(','),
      customer: demoCustomer,
    })
    opened.push(() => admin.close())
    const mail = await startMailServer()
    opened.push(() => mail.close())
    // Known before the app starts: the pixel's settings name it.
    const appPort = port === 0 ? await freePort() : port
    const appUrl = `http://127.0.0.1:${appPort}`
    const nextOrder = createOrders()
    let stores: Stores | null = null
    const tells = keepOrders(folder, (orders, shop = DEMO_SHOP) => admin.addOrders(shop, orders))
    const frame = await startAdminFrame({
      apiKey: DEMO_KEY,
      apiSecret: DEMO_SECRET,
      appUrl: () => appUrl,
      storeUrl: async shop => stores?.urlOf(shop) ?? null,
      mails: mail.mails,
      ...{ nextOrder, tells },
      port: at(PORTS - 1),
    })
    opened.push(() => frame.close())
    const settings = await demoSettings(folder, vendors, {
      appUrl,
      adminUrl: admin.url,
      bridgeUrl: `${frame.url}/app-bridge.js`,
      smtpUrl: mail.url,
    })
    const config = readConfig({ ...settings, PORT: String(appPort), LOG_LEVEL: log.level })
    const server = await startServer(config, log)
    opened.push(() => server.close())
    await connectEverything(server)
    await openApp(server, admin, appUrl, log)
    const support = await demoSupport(folder, server.services)
    // The command line finds the demo's shop by this file.
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings, null, 2), { mode: 0o600 })
    const store = createStore({ appUrl, secret: DEMO_SECRET, shop: DEMO_SHOP, tells })
    const started = { appUrl, server, vendors, admin, store, frame, support, close }
    if (!wanted.storefront) return { ...started, storefront: null }
    stores = createStores({
      ...{ appUrl, secret: DEMO_SECRET, inboxUrl: vendors.urls.inbox, nextOrder, tells, admin },
      pixel: { file: await ensurePixel(), needs: PIXEL_NEEDS },
    })
    opened.push(stores.close)
    return { ...started, storefront: await stores.open(DEMO_SHOP, at(PORTS - 2)) }
  } catch (error) {
    await close()
    const isTaken = (error as { code?: string }).code === 'EADDRINUSE' || /is in use/.test(String(error))
    if (!isTaken) throw error
    throw new Error(
      `The demo needs the ports ${port} to ${port + PORTS - 1}, and one is taken: npm run demo -- --port 4000 moves it.`,
    )
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  const { port } = new URL(await listen(probe, 0, '127.0.0.1'))
  await new Promise(resolve => probe.close(resolve))
  return Number(port)
}

async function demoSettings(
  folder: string,
  vendors: Sandbox,
  { appUrl, adminUrl, bridgeUrl, smtpUrl }: Record<'appUrl' | 'adminUrl' | 'bridgeUrl' | 'smtpUrl', string>,
): Promise<Record<string, string>> {
  return {
    DATA_DIR: folder,
    SHOPIFY_API_KEY: DEMO_KEY,
    SHOPIFY_API_SECRET: DEMO_SECRET,
    SHOPIFY_APP_URL: appUrl,
    SCOPES: DEMO_SCOPES,
    SHOPIFY_ADMIN_BASE_URL: adminUrl,
    SHOPIFY_APP_BRIDGE_URL: bridgeUrl,
    SLUICE_SECRETS_KEYS: await sealingKey(folder),
    ECOMAIL_BASE_URL: vendors.urls.ecomail,
    TOPMAIL_BASE_URL: vendors.urls.topmail,
    ALANA_BASE_URL: vendors.urls.alana,
    VOUCHERIFY_BASE_URL: vendors.urls.voucherify,
    ALERT_EMAIL_TO: 'operator@example.com',
    ALERT_EMAIL_FROM: 'sluice@example.com',
    SMTP_URL: smtpUrl,
    SUPPORT_EMAIL: DEMO_SUPPORT,
  }
}

/**
 * Made once per demo database: a key of our own for what it seals. Without the key the database is of no use any
 * more: under a home directory closed to others it lives elsewhere, and outlives a deleted folder.
 */
async function sealingKey(folder: string): Promise<string> {
  const file = join(folder, 'sealing-key')
  if (existsSync(file)) return readFileSync(file, 'utf8')
  await removeEmbedded(folder)
  forgetOrders(folder)
  const key = `demo:${randomBytes(32).toString('base64')}`
  writeFileSync(file, key, { mode: 0o600 })
  return key
}

async function connectEverything({ services }: RunningServer): Promise<void> {
  const shop = await installShop(services.database.prisma, DEMO_SHOP, [])
  for (const [vendor, settings] of Object.entries(CONNECTIONS)) {
    await saveConnection(services.pool, services.sealer, shop.id, vendorById(vendor), settings)
  }
}

/** Who can sign in at the storefront from the start; of others its webhooks tell. */
function demoCustomer(_shop: string, id: string): AdminCustomer | null {
  const person = EXAMPLES.find(person => String(person.id) === id)
  if (!person) return null
  const { email, first, last, marketing } = person
  return {
    id,
    email,
    phone: null,
    first,
    last,
    marketing: marketing ? 'SUBSCRIBED' : 'NOT_SUBSCRIBED',
    updatedAt: '2026-11-01T10:00:00Z',
  }
}

/**
 * What happens when the merchant opens the app for the first time: it gets a token for an hour, and activates its pixel. Each
 * start does it anew, because the stand-in remembers nothing.
 */
async function openApp(
  { services }: RunningServer,
  admin: AdminStandIn,
  appUrl: string,
  log: Log,
): Promise<void> {
  const { database, pool, sealer } = services
  const shop = await installShop(database.prisma, DEMO_SHOP, DEMO_SCOPES.split(','))
  await createSessionStorage(pool, sealer).storeSession(offlineSession(DEMO_SHOP, admin.grant(DEMO_SHOP)))
  const key = (await readPixelKeys(pool, [DEMO_SHOP])).get(DEMO_SHOP)?.key ?? ''
  const context = { pool, log, admin: services.admin, address: pixelAddress(appUrl) }
  const pixel = await activatePixel(context, { id: shop.id, domain: DEMO_SHOP, key })
  if (pixel.state !== 'active') throw new Error(`The demo's web pixel is not active: ${pixel.message}`)
}
