/**
 * The app as merchants open it: in a frame of Shopify's admin, each request with a session token that Shopify signed
 * (https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens). Shopify's library verifies it and
 * exchanges the first one for the shop's offline token.
 */
import '@shopify/shopify-app-remix/adapters/node'
import { type ApiVersion, LogSeverity, Session } from '@shopify/shopify-api'
import { setAbstractFetchFunc } from '@shopify/shopify-api/runtime'
import { AppDistribution, shopifyApp } from '@shopify/shopify-app-remix/server'
import type { Log } from '../../log.ts'
import { API_VERSION } from '../api-version.ts'
import { oneExchange } from './one-exchange.ts'
import type { SessionStorage } from './session-storage.ts'

export type EmbeddedApp = {
  /**
   * @returns the shop of the verified session token, "name.myshopify.com"
   * @throws Response for Remix to answer with: no token, a wrong or an old one, or a page outside of its frame
   */
  authenticate(request: Request): Promise<{ shop: string; scopes: string[] }>
  /** Lets Shopify's admin, and nobody else, show the page in a frame. */
  protect(request: Request, headers: Headers): void
  /** What the page loads App Bridge with. */
  bridge: { apiKey: string; url: string }
}

export type EmbeddedOptions = {
  sessions: SessionStorage
  log: Log
  apiKey: string
  apiSecret: string
  appUrl: string
  scopes: readonly string[]
  /** Replaces scheme, host and port of every shop's token endpoint; null: each shop's own. */
  adminBaseUrl: string | null
  /** Replaces Shopify's App Bridge, and lets its origin show the app in a frame; null: Shopify's. */
  bridgeUrl: string | null
  /** The shop gave a new token: it has installed the app, or opened it again. */
  installed(shop: string, scopes: readonly string[]): Promise<void>
}

/** https://shopify.dev/docs/api/app-bridge-library */
const APP_BRIDGE = 'https://cdn.shopify.com/shopifycloud/app-bridge.js'
/** An hour's token that lasts less is as good as none where it cannot be refreshed. */
const MARGIN_MS = 5 * 60_000

export function createEmbedded(options: EmbeddedOptions): EmbeddedApp {
  const { log, apiKey, adminBaseUrl, bridgeUrl } = options
  // The library has no other way to reach another address than Shopify's.
  if (adminBaseUrl)
    setAbstractFetchFunc((address, init) => {
      const { pathname, search } = new URL(String(address))
      return fetch(new URL(pathname + search, adminBaseUrl), init)
    })
  const app = shopifyApp({
    apiKey,
    apiSecretKey: options.apiSecret,
    apiVersion: API_VERSION as ApiVersion,
    appUrl: options.appUrl,
    scopes: [...options.scopes],
    distribution: AppDistribution.AppStore,
    sessionStorage: oneExchange(lasting(options.sessions)),
    future: { unstable_newEmbeddedAuthStrategy: true, expiringOfflineAccessTokens: true },
    hooks: {
      afterAuth: ({ session }) => options.installed(session.shop, scopesOf(session)),
    },
    logger: {
      level: LogSeverity.Warning,
      log: async (severity, message) => {
        if (severity === LogSeverity.Error) log.error({ source: 'admin' }, message)
        else log.warn({ source: 'admin' }, message)
      },
    },
  })
  return {
    async authenticate(request) {
      const { session } = await app.authenticate.admin(request)
      return { shop: session.shop, scopes: scopesOf(session) }
    },
    protect(request, headers) {
      app.addDocumentResponseHeaders(request, headers)
      if (bridgeUrl === null) return
      headers.set('content-security-policy', `frame-ancestors ${new URL(bridgeUrl).origin};`)
      headers.delete('link')
    },
    bridge: { apiKey, url: bridgeUrl ?? APP_BRIDGE },
  }
}

const scopesOf = ({ scope }: Session): string[] => scope?.split(',') ?? []

/**
 * A page asks Shopify nothing, so an old token is no reason to exchange one while the merchant waits: whoever uses the token
 * refreshes it, under the shop's lock (./token.ts). Only where that is not possible any more is there no session, and the library
 * exchanges the merchant's session token for a new one.
 */
function lasting(sessions: SessionStorage): SessionStorage {
  return {
    ...sessions,
    async loadSession(id) {
      const session = await sessions.loadSession(id)
      if (!session || session.isOnline || !session.isExpired(MARGIN_MS)) return session
      const { refreshToken, refreshTokenExpires, accessToken } = session
      const isRefreshable = refreshToken && (!refreshTokenExpires || refreshTokenExpires > new Date())
      if (!accessToken || !isRefreshable) return undefined
      return new Session({ ...session.toObject(), expires: undefined })
    },
  }
}
