/** `sluice pixel activate|show`. */
import type { Command } from 'commander'
import { SLUICE } from '../command-line.ts'
import { openPool } from '../db/database.ts'
import { createAdmin } from '../shopify/admin/client.ts'
import { type RefusedPage, refusedPages } from '../shopify/admin/hosts.ts'
import { activatePixel } from '../shopify/admin/pixel.ts'
import {
  type PixelContext,
  type PixelShop,
  type PixelState,
  pixelAddress,
  pixelState,
} from '../shopify/admin/pixel-state.ts'
import { listTroubles, type Trouble } from '../shopify/admin/trouble.ts'
import { type PixelKey, readPixelKeys } from '../shopify/pixel-key.ts'
import { type Context, NOT_NEEDED, print, shopNamed, table, withContext } from './context.ts'
import { Failure } from './failure.ts'
import { note } from './note.ts'

/** As of the server's (app/runtime/services.ts): a refresh holds a row while Shopify is asked. */
const ASKING = { max: 2, lockTimeoutMs: 11_000, statementTimeoutMs: 15_000 }

export function pixelCommands(program: Command): void {
  const pixel = program.command('pixel').description("a shop's web pixel")

  pixel
    .command('activate <shop>')
    .description('give the web pixel of a shop its settings, creating it where there is none')
    .action(async (domain: string, _options: unknown, command: Command) => {
      await withContext(async context => {
        const shop = await pixelShop(context, domain)
        const state = await activate(context, shop)
        const { state: pixel, message } = state
        const after = { pixel, message }
        await note(context.store.pool, { action: 'pixel_activate', shop: shop.domain, after })
        if (state.trouble !== null || state.state !== 'active')
          throw new Failure(`${shop.domain}: ${state.message}`)
        print(command, { shop: shop.domain, ...state }, lines)
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
        const [refused = null] = await refusedPages(store.pool, shop.domain)
        print(command, { shop: shop.domain, ...state, hosts: shop.hosts, refused, access }, lines)
      })
    })
}

/** Gives the pixel its settings, as they are now. @throws Failure when the settings that name the app are not there */
export async function activate(context: Context, shop: PixelShop): Promise<PixelState> {
  const { store, log } = context
  const { apiKey, apiSecrets, appUrl, adminBaseUrl: baseUrl } = appSettings(context)
  const pool = openPool(store.databaseUrl, ASKING)
  const [apiSecret = ''] = apiSecrets
  const admin = createAdmin({ pool, sealer: store.sealer, log, apiKey, apiSecret, baseUrl })
  try {
    return await activatePixel({ pool: store.pool, log, address: pixelAddress(appUrl), admin }, shop)
  } finally {
    await admin.close()
    await pool.end()
  }
}

/** Whether the settings are there that name the app to Shopify. */
export const namesApp = ({ config: { shopify } }: Context): boolean =>
  shopify.apiKey !== NOT_NEEDED.SHOPIFY_API_KEY && shopify.appUrl !== NOT_NEEDED.SHOPIFY_APP_URL

function appSettings(context: Context): Context['config']['shopify'] {
  if (namesApp(context)) return context.config.shopify
  throw new Failure(
    'This command speaks to Shopify as the app: set SHOPIFY_API_KEY, SHOPIFY_API_SECRET and SHOPIFY_APP_URL as for the server.',
  )
}

async function pixelShop({ store }: Context, domain: string): Promise<PixelShop & Pick<PixelKey, 'hosts'>> {
  const shop = await shopNamed(store, domain)
  const { key, hosts } = (await readPixelKeys(store.pool, [shop.domain])).get(shop.domain) ?? NO_KEY
  return { id: shop.id, domain: shop.domain, key, hosts }
}

const NO_KEY: PixelKey = { key: '', before: null, hosts: null }

type Shown = PixelState & {
  shop: string
  hosts?: PixelKey['hosts']
  refused?: RefusedPage | null
  access?: Trouble | null
}

function lines({ shop, state, address, setAt, message, hosts, refused, access }: Shown): string {
  const row = [shop, state, address ?? '', setAt?.toISOString() ?? '', message]
  return [
    table(['SHOP', 'PIXEL', 'SENDS TO', 'SET', 'WHAT TO DO'], [row], ''),
    ...(access ? [`Since ${access.since.toISOString()}: ${access.merchant}`] : []),
    ...(hosts === undefined
      ? []
      : [
          `It may send from pages of ${hosts?.join(', ') ?? 'any host: Shopify has not told the shop’s yet'}.`,
        ]),
    ...(refused
      ? [
          `Refused at ${refused.at.toISOString()} for a page of ${refused.host || 'no web address'}: if that is the shop’s, "${SLUICE} pixel activate ${shop}" asks Shopify for its pages anew.`,
        ]
      : []),
  ].join('\n')
}
