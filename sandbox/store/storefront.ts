/**
 * A small storefront that behaves like Shopify as far as an app embed, a web pixel and an app can tell. It
 * imports nothing of the app: both sides' readings of Shopify's documentation check each other.
 */
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import express, { type ErrorRequestHandler, type Express } from 'express'
import { accountRoutes } from './account-routes.ts'
import { cartRoutes } from './cart-routes.ts'
import { productByHandle } from './catalogue.ts'
import { checkoutRoutes } from './checkout-routes.ts'
import type { Order } from './checkouts.ts'
import { editorRoutes } from './editor-routes.ts'
import { type EmbedOptions, EXTENSION_ASSETS, lateAssets } from './embed.ts'
import { rawBody } from './form-body.ts'
import { productImage } from './images.ts'
import { notFound, pageRoutes } from './page-routes.ts'
import { createPages, THEME_ASSETS } from './pages.ts'
import { type Pixel, pixelRoutes } from './pixel.ts'
import { forward } from './proxy.ts'
import { guarded } from './routes.ts'
import { createStore, type StoreConfig } from './shopify.ts'
import { announceCatalogue, createMemory } from './store.ts'
import { type Choices, readVisit, visitOf } from './visit.ts'
import { createWebhooks, type SentWebhook } from './webhooks.ts'

export type StorefrontOptions = Partial<Pick<Choices, 'mode' | 'region'>> & {
  /** "http://127.0.0.1:3000" */
  appUrl: string
  /** The app's client secret: signs webhooks and proxy requests. */
  secret: string
  /** "name.myshopify.com" */
  shop: string
  /** 0 or unset: any free port. */
  port?: number
  /** The app embed; on, with the block's defaults and the app's own extension, when unset. */
  embed?: Partial<EmbedOptions>
  /** The app's web pixel; unset: not activated. */
  pixel?: Pixel
  /** Where the merchant has the app proxy; "/apps/sluice" when unset. */
  proxyPath?: string
  inboxUrl?: string
  /** Hears of each webhook before it is sent. */
  tells?: StoreConfig['tells']
  /** What numbers the orders, where another place sells for the same shop. */
  nextOrder?(): Order
  /** False: the app is not told of the catalogue at the start. */
  announce?: boolean
}

/** A request of the storefront that the app proxy forwarded. */
export type Proxied = { method: string; path: string; customerId: string; body: string; status: number }

export type Storefront = {
  /** "http://127.0.0.1:3006" */
  url: string
  /** What the app was told, and what it answered, oldest first. */
  webhooks: readonly SentWebhook[]
  proxied: readonly Proxied[]
  /** Resolves when the webhooks of everything that happened so far are answered. */
  settled(): Promise<void>
  close(): Promise<void>
}

const EXTENSION = resolve(import.meta.dirname, '../../extensions/storefront')
const DEFAULT_PROXY_PATH = '/apps/sluice'

/** Starts the storefront. Rejects when the port is taken. */
export async function startStorefront(options: StorefrontOptions): Promise<Storefront> {
  const { appUrl, secret, shop, tells } = options
  const webhooks = createWebhooks(createStore({ appUrl, secret, shop, ...(tells && { tells }) }))
  const proxied: Proxied[] = []
  const server = createServer(storefrontApp(options, webhooks, proxied))
  const url = await new Promise<string>((started, failed) => {
    server.once('error', failed)
    server.listen(options.port ?? 0, '127.0.0.1', () => {
      const address = server.address()
      started(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    })
  })
  if (options.announce ?? true) announceCatalogue(webhooks, shop, new URL(url).host)
  return {
    url,
    webhooks: webhooks.sent,
    proxied,
    settled: webhooks.settled,
    async close() {
      const closed = new Promise(done => server.close(done))
      server.closeAllConnections()
      await closed
    },
  }
}

function storefrontApp(
  options: StorefrontOptions,
  webhooks: ReturnType<typeof createWebhooks>,
  proxied: Proxied[],
): Express {
  const memory = createMemory(webhooks, options.nextOrder)
  const proxyPath = options.proxyPath ?? DEFAULT_PROXY_PATH
  const embed: EmbedOptions = {
    on: true,
    folder: EXTENSION,
    metafields: {},
    ...options.embed,
    settings: { proxy_path: proxyPath, ...options.embed?.settings },
  }
  const pixel = options.pixel ?? null
  const pages = createPages(memory, { shop: options.shop, embed, pixel, inboxUrl: options.inboxUrl ?? null })

  const app = express()
  app.disable('x-powered-by')
  app.use(THEME_ASSETS, express.static(join(import.meta.dirname, 'theme/assets')))
  app.use(EXTENSION_ASSETS, lateAssets, express.static(join(embed.folder, 'assets')))
  app.get('/cdn/shop/files/:name.svg', (request, response) => {
    const product = productByHandle(request.params.name)
    if (product) response.type('svg').send(productImage(product))
    else response.sendStatus(404)
  })
  app.use(
    readVisit(memory, {
      mode: options.mode ?? 'fetch',
      region: options.region ?? 'required',
      embed: embed.on ? 'on' : 'off',
      pixel: 'on',
    }),
  )
  app.use(
    proxyPath,
    guarded(async (request, response) => {
      const { browser, place } = visitOf(response)
      const customerId = browser.customerId === null ? '' : String(browser.customerId)
      const { pathname, searchParams } = new URL(request.url, 'http://storefront')
      const body = await rawBody(request)
      const answer = await forward(
        {
          method: request.method,
          path: pathname,
          query: searchParams,
          headers: request.headers,
          body,
          address: request.socket.remoteAddress ?? '',
          host: place.host,
        },
        {
          url: `${options.appUrl}/proxy`,
          secret: options.secret,
          shop: options.shop,
          pathPrefix: proxyPath,
          customerId,
        },
      )
      const { method } = request
      proxied.push({ method, path: pathname, customerId, body: body.toString(), status: answer.status })
      for (const [name, value] of answer.headers) response.setHeader(name, value)
      response.status(answer.status).send(answer.body)
    }),
  )
  if (pixel) app.use(pixelRoutes(pixel))
  app.use(editorRoutes(pages, embed))
  app.use(cartRoutes(memory), checkoutRoutes(memory, pages), accountRoutes(memory, pages), pageRoutes(pages))
  app.use(notFound(pages))
  app.use(answerError)
  return app
}

/** The page of a store that is only for trying things says what went wrong. */
const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error)
  response
    .status(500)
    .type('text')
    .send(String(error?.stack ?? error))
}
