/** What a webhook costs at the very least: node:http reads the body and checks its signature. Nothing is kept. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '../support/rpc.ts'

const secret = process.env.SHOPIFY_API_SECRET ?? ''

const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', part => parts.push(part))
  request.on('end', () => {
    const digest = createHmac('sha256', secret).update(Buffer.concat(parts)).digest()
    const given = Buffer.from(String(request.headers['x-shopify-hmac-sha256'] ?? ''), 'base64')
    const good = given.length === digest.length && timingSafeEqual(given, digest)
    response.writeHead(good ? 200 : 401).end()
  })
})
await new Promise<void>(done => server.listen(0, '127.0.0.1', done))

const handlers = { url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
export type Ceiling = typeof handlers

serve(handlers, async () => server.closeAllConnections())
