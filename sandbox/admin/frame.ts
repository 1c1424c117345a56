/**
 * A stand-in of Shopify's admin: a page with the app in a frame, its navigation beside it, and an App Bridge that fetches
 * session tokens from here. Nothing is loaded from elsewhere.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import express from 'express'
import { escaped } from '../html.ts'
import { mailboxPage } from '../mailbox/page.ts'
import type { Mail } from '../mailbox/smtp.ts'
import { createOrders, type Order } from '../store/checkouts.ts'
import { orderPayload, SIGNED_IN } from '../store/payloads.ts'
import { createStore } from '../store/shopify.ts'
import { listen } from '../vendors/listen.ts'
import { sessionToken } from './session-token.ts'

const FOLDER = join(import.meta.dirname, 'page')
const PAGE = readFileSync(join(FOLDER, 'admin.html'), 'utf8')
const MAILBOX = '/mailbox'

export type AdminFrameOptions = {
  apiKey: string
  apiSecret: string
  /** Where the app is, without a slash at its end. Asked at each request: the app may start later. */
  appUrl(): string
  /** Where the store of a shop is, started if need be; null or unset: it has no pages of a theme. */
  storeUrl?(shop: string): Promise<string | null>
  /** What numbers the orders that are placed here, where a store numbers its own by it too. */
  nextOrder?(): Order
  /** Hears of each order that is placed here before the app does. @param body as it is sent */
  tells?(topic: string, body: string, shop: string): void
  /** What is shown at `/mailbox`. Unset: nothing. */
  mails?: readonly Mail[]
  /** 0 or unset: any free one. */
  port?: number
}
export type AdminFrame = {
  /** "http://127.0.0.1:4021" */
  url: string
  /** Where the app of a shop is open. @param path in the app, with its query @param locale of the member of staff */
  address(shop: string, path?: string, locale?: string): string
  /** "http://127.0.0.1:4021/mailbox", where there are mails to show. */
  mailbox: string
  close(): Promise<void>
}

/** @throws when the port is taken */
export async function startAdminFrame(options: AdminFrameOptions): Promise<AdminFrame> {
  const app = express()
  app.disable('x-powered-by')
  const tokenFor = (shop: string) => sessionToken({ ...options, shop })
  const { nextOrder = createOrders() } = options

  app.get('/store/:name/apps/sluice*', async (request, response) => {
    const shop = `${request.params.name}.myshopify.com`
    const path = request.path.split('/apps/sluice')[1] || '/app'
    const source = new URL(path, options.appUrl())
    for (const [name, value] of Object.entries(request.query)) source.searchParams.set(name, String(value))
    source.searchParams.set('embedded', '1')
    source.searchParams.set('shop', shop)
    source.searchParams.set(
      'host',
      Buffer.from(`admin.shopify.com/store/${request.params.name}`).toString('base64url'),
    )
    source.searchParams.set('id_token', await tokenFor(shop))
    response.type('html').send(
      PAGE.replaceAll('{{source}}', escaped(source.href))
        .replaceAll('{{shop}}', escaped(shop))
        .replaceAll('{{orders}}', escaped(`/store/${request.params.name}/orders`)),
    )
  })
  app.post('/store/:name/orders', async (request, response) => {
    const shop = `${request.params.name}.myshopify.com`
    const order = nextOrder()
    const status = await placed(options, shop, order).catch(() => 502)
    response
      .status(status === 200 ? 201 : 502)
      .type('text')
      .send(status === 200 ? `Order ${order.name} placed` : `The app did not take order ${order.name}`)
  })
  // The store, which has the theme editor, too. The stand-in of App Bridge leads here from addresses of Shopify's.
  app.get('/store/:name/visit/*', async (request, response) => {
    const { name } = request.params
    const store = await options.storeUrl?.(`${name}.myshopify.com`)
    if (store) response.redirect(302, store + request.originalUrl.slice(`/store/${name}/visit`.length))
    else response.status(404).type('text').send('No store runs beside this admin.')
  })
  if (options.mails) app.use(MAILBOX, mailboxPage(options.mails, MAILBOX))
  app.get('/id-token', async (request, response) => {
    response
      .set('access-control-allow-origin', '*')
      .type('text')
      .send(await tokenFor(String(request.query.shop)))
  })
  app.use(
    express.static(FOLDER, { index: false, setHeaders: answer => answer.set('cache-control', 'no-store') }),
  )

  const server = createServer(app)
  const url = await listen(server, options.port ?? 0, '127.0.0.1')
  return {
    url,
    mailbox: url + MAILBOX,
    address: (shop, path = '/app', locale = 'en') =>
      `${url}/store/${shop.split('.')[0]}/apps/sluice${path}${path.includes('?') ? '&' : '?'}locale=${locale}`,
    async close() {
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
}

/** As Shopify tells of an order: one lamp, by a customer who wants e-mails. @returns the app's status */
async function placed(options: AdminFrameOptions, shop: string, order: Order): Promise<number> {
  const tells = (topic: string, body: string) => options.tells?.(topic, body, shop)
  const store = createStore({ appUrl: options.appUrl(), secret: options.apiSecret, shop, tells })
  const payload = orderPayload({
    ...order,
    lines: [{ product: 'lamp', quantity: 1 }],
    customer: SIGNED_IN,
    email: SIGNED_IN.email,
    updatedAt: order.createdAt,
  })
  return (await store.webhook({ topic: 'orders/create', payload })).status
}
