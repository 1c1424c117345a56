/**
 * The usual Shopify app's webhook: a Remix route that calls `authenticate.webhook` of @shopify/shopify-app-remix
 * and creates one row through Prisma before it answers (https://shopify.dev/docs/api/shopify-app-remix/latest/authenticate/webhook).
 * The session is offline, unexpired and in memory, so that there is no network and no query for it.
 */
import '@shopify/shopify-app-remix/adapters/node'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequestHandler } from '@remix-run/express'
import type { ActionFunctionArgs, ServerBuild } from '@remix-run/node'
import { Session } from '@shopify/shopify-api'
import { ApiVersion, AppDistribution, shopifyApp } from '@shopify/shopify-app-remix/server'
import express from 'express'
import { openDatabase } from '../../app/db/database.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { serve } from '../support/rpc.ts'

const { DATABASE_URL = '', SHOPIFY_API_SECRET = '', BENCH_SHOP = '' } = process.env

const sessions = new Map<string, Session>()
const shopify = shopifyApp({
  apiKey: 'bench-key',
  apiSecretKey: SHOPIFY_API_SECRET,
  apiVersion: ApiVersion.October25,
  scopes: ['read_orders'],
  appUrl: 'https://sluice.example.com',
  distribution: AppDistribution.AppStore,
  sessionStorage: {
    storeSession: async session => Boolean(sessions.set(session.id, session)),
    loadSession: async id => sessions.get(id),
    deleteSession: async id => sessions.delete(id),
    deleteSessions: async ids => ids.every(id => sessions.delete(id)),
    findSessionsByShop: async shop => [...sessions.values()].filter(session => session.shop === shop),
  },
})
const id = `offline_${BENCH_SHOP}`
const scope = 'read_orders'
sessions.set(
  id,
  new Session({ id, shop: BENCH_SHOP, state: '', isOnline: false, scope, accessToken: 'bench' }),
)

const database = openDatabase(DATABASE_URL)
const installed = await installShop(database.prisma, BENCH_SHOP, [])

async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const { topic, webhookId, triggeredAt, eventId } = await shopify.authenticate.webhook(request)
  await database.prisma.receipt.create({
    data: {
      shopId: installed.id,
      webhookId,
      eventKey: eventId ?? null,
      topic,
      triggeredAt: triggeredAt ? new Date(triggeredAt) : null,
      receivedAt: new Date(),
    },
  })
  return new Response()
}

const build: ServerBuild = {
  entry: { module: { default: () => new Response('', { status: 500 }) } },
  routes: {
    root: { id: 'root', path: '', module: { default: () => null } },
    webhooks: { id: 'webhooks', parentId: 'root', path: 'webhooks', module: { default: undefined, action } },
  },
  assets: { entry: { imports: [], module: '' }, routes: {}, url: '', version: '' },
  publicPath: '/',
  assetsBuildDirectory: '',
  future: {
    v3_fetcherPersist: true,
    v3_relativeSplatPath: true,
    v3_throwAbortReason: true,
    v3_singleFetch: true,
    v3_lazyRouteDiscovery: true,
  },
  isSpaMode: false,
  mode: 'production',
}

const app = express()
app.disable('x-powered-by')
app.all('*', createRequestHandler({ build, mode: 'production' }))
const server = createServer(app)
await new Promise<void>(done => server.listen(0, '127.0.0.1', done))

const handlers = { url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
export type UsualRemix = typeof handlers

serve(handlers, async () => {
  server.closeAllConnections()
  await database.close()
})
