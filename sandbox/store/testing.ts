/** For tests: a storefront, an app that only notes what it is told, and browsers with cookies but no scripts. */
import { createServer } from 'node:http'
import { BROWSER } from './shopify.ts'
import { type Storefront, type StorefrontOptions, startStorefront } from './storefront.ts'

export type AppRequest = { method: string; url: URL; headers: Record<string, string>; body: string }

export type NotingApp = { url: string; requests: AppRequest[]; close(): Promise<void> }

/** Answers 200 to everything, with headers that Shopify's proxy strips. */
export async function startNotingApp(): Promise<NotingApp> {
  const requests: AppRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url ?? '/', 'http://app')
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, `${value}`]),
    )
    requests.push({ method: request.method ?? '', url, headers, body: Buffer.concat(chunks).toString() })
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('set-cookie', 'app=1').setHeader('x-powered-by', 'app').setHeader('x-kept', 'yes')
    response.end('{"taken":true}')
  })
  await new Promise<void>(started => server.listen(0, '127.0.0.1', started))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    requests,
    close: () => new Promise(closed => server.close(() => closed())),
  }
}

export const SECRET = 'test-secret'
export const SHOP = 'sandbox.myshopify.com'

export type TestStore = { app: NotingApp; store: Storefront; close(): Promise<void> }

/** The app is told nothing at the start, unless `announce` is set. */
export async function startTestStore(options: Partial<StorefrontOptions> = {}): Promise<TestStore> {
  const app = await startNotingApp()
  const store = await startStorefront({
    appUrl: app.url,
    secret: SECRET,
    shop: SHOP,
    announce: false,
    ...options,
  })
  return {
    app,
    store,
    async close() {
      await store.settled()
      await store.close()
      await app.close()
    },
  }
}

/** One browser: keeps cookies, follows no redirects. */
export class Shopper {
  #cookies = new Map<string, string>()
  #base: string

  constructor(base: string) {
    this.#base = base
  }

  async send(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = {
      'user-agent': BROWSER,
      ...(cookie !== '' && { cookie }),
      ...(init.headers as Record<string, string>),
    }
    const response = await fetch(`${this.#base}${path}`, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      this.#cookies.set(name, value)
    }
    return response
  }

  text = async (path: string) => (await this.send(path)).text()

  /** Posts JSON. */
  post(path: string, body: unknown): Promise<Response> {
    return this.send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  /** Posts a form as a page without scripts does. */
  submit(path: string, fields: Record<string, string>): Promise<Response> {
    return this.send(path, { method: 'POST', body: new URLSearchParams(fields) })
  }
}
