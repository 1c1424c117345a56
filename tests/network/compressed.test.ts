/** What browsers load travels compressed, without a proxy in front that would do it, and is made without what only developers read. */
import { readdirSync, statSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'

let app: TestApp
beforeAll(async () => {
  Reflect.deleteProperty(process.env, 'NODE_ENV')
  app = await startApp({ env: { SHOPIFY_APP_URL: 'http://127.0.0.1' } })
})
afterAll(() => app.close())

/** As it comes over the line: `fetch` would open it. */
async function ask(path: string): Promise<{ headers: IncomingMessage['headers']; body: Buffer }> {
  const answer = await new Promise<IncomingMessage>((done, failed) => {
    get(`${app.url}${path}`, { headers: { 'accept-encoding': 'gzip' } }, done).on('error', failed)
  })
  return { headers: answer.headers, body: await buffer(answer) }
}

it('was made with React’s checks for developers where NODE_ENV was not set', () => {
  expect(process.env.NODE_ENV).toBe('production')
})

const ASSETS = resolve(import.meta.dirname, '../../build/client/assets')
const sizeOf = (name: string) => statSync(resolve(ASSETS, name)).size
const largest = (end: string) =>
  readdirSync(ASSETS)
    .filter(name => name.endsWith(end))
    .sort((a, b) => sizeOf(b) - sizeOf(a))
    .slice(0, 3)
    .map(name => `/assets/${name}`)

it.each([...largest('.css'), ...largest('.js'), '/support/sign-in'])(
  '%s travels compressed: a first visit was a megabyte',
  async path => {
    const { headers, body } = await ask(path)
    expect(headers['content-encoding']).toBe('gzip')
    expect(body.length).toBeLessThan(gunzipSync(body).length / 2)
    expect(headers.vary).toContain('Accept-Encoding')
  },
)

it('keeps what tells browsers how long they may keep it', async () => {
  for (const path of largest('.css'))
    expect((await ask(path)).headers['cache-control']).toBe('public, max-age=31536000, immutable')
})
