/** `sluice pixel activate|show`. */
import type { Command } from 'commander'
import { openPool } from '../db/database.ts'
import { createAdmin } from '../shopify/admin/client.ts'
import { activatePixel } from '../shopify/admin/pixel.ts'
import {
  type PixelContext,
  type PixelShop,
  type PixelState,
  pixelAddress,
  pixelState,
} from '../shopify/admin/pixel-state.ts'
import { listTroubles, type Trouble } from '../shopify/admin/trouble.ts'
import { readPixelKeys } from '../shopify/pixel-key.ts'
import { type Context, NOT_NEEDED, print, shopNamed, table, withContext } from './context.ts'
import { Failure } from './failure.ts'

/** As of the server's (app/runtime/services.ts): a refresh holds a row while Shopify is asked. */
const ASKING = { max: 2, lockTimeoutMs: 11_000, statementTimeoutMs: 15_000 }

export function pixelCommands(program: Command): void {
  const pixel = program.command('pixel').description("a shop's web pixel")

  pixel
    .command('activate <shop>')
    .description('give the web pixel of a shop its settings, creating it where there is none')
    .action(async (domain: string, _options: unknown, command: Command) => {
      await withContext(async context => {
        const { store, config, log } = context
        const { apiKey, apiSecrets, adminBaseUrl: baseUrl } = appSettings(context)
        const shop = await pixelShop(context, domain)
        const pool = openPool(store.databaseUrl, ASKING)
        const { sealer } = store
        const [apiSecret = ''] = apiSecrets
        const admin = createAdmin({ pool, sealer, log, apiKey, apiSecret, baseUrl })
        try {
          const address = pixelAddress(config.shopify.appUrl)
          const state = await activatePixel({ pool: store.pool, log, address, admin }, shop)
          if (state.trouble !== null || state.state !== 'active')
            throw new Failure(`${shop.domain}: ${state.message}`)
          print(command, { shop: shop.domain, ...state }, lines)
        } finally {
          await admin.close()
          await pool.end()
        }
      })
    })

  pixel
    .command('show <shop>')
    .description('how the web pixel of a shop stands, and whether Shopify can be asked for the shop')
    .action(async (domain: string, _options: unknown, command: Command) => {
      await withContext(async context => {
        const { store, log } = context
        const { appUrl } = appSettings(context)
        const shop = await pixelShop(context, domain)
        const about: PixelContext = { pool: store.pool, log, address: pixelAddress(appUrl) }
        const state = await pixelState(about, shop)
        const [access = null] = await listTroubles(store.pool, shop.domain)
        print(command, { shop: shop.domain, ...state, access }, lines)
      })
    })
}

/** @throws Failure when the settings that name the app are not there */
function appSettings({ config: { shopify } }: Context): Context['config']['shopify'] {
  if (shopify.apiKey !== NOT_NEEDED.SHOPIFY_API_KEY && shopify.appUrl !== NOT_NEEDED.SHOPIFY_APP_URL)
    return shopify
  throw new Failure(
    'This command speaks to Shopify as the app: set SHOPIFY_API_KEY, SHOPIFY_API_SECRET and SHOPIFY_APP_URL as for the server.',
  )
}

async function pixelShop({ store }: Context, domain: string): Promise<PixelShop> {
  const shop = await shopNamed(store, domain)
  const keys = await readPixelKeys(store.pool, [shop.domain])
  return { id: shop.id, domain: shop.domain, key: keys.get(shop.domain)?.key ?? '' }
}

function lines(shown: PixelState & { shop: string; access?: Trouble | null }): string {
  const { shop, state, address, setAt, message, access } = shown
  const row = [shop, state, address ?? '', setAt?.toISOString() ?? '', message]
  const text = table(['SHOP', 'PIXEL', 'SENDS TO', 'SET', 'WHAT TO DO'], [row], '')
  return access ? `${text}\nSince ${access.since.toISOString()}: ${access.merchant}` : text
}
