import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAdminHttp, retryAfterMs } from './http.ts'

const SHOP = 'test-shop.myshopify.com'
let seen: { method?: string; url?: string; headers: IncomingMessage['headers']; body: string }
let text = '{"data":1}'
const server = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const { method = '', url = '', headers } = request
  seen = { method, url, headers, body: Buffer.concat(parts).toString() }
  response.writeHead(200, { 'Retry-After': '2' }).end(text)
})
let base: string
beforeAll(async () => {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise(done => server.close(done)))

async function post(shop: string, baseUrl: string | null) {
  const http = createAdminHttp(baseUrl, 2_000)
  const answer = await http.post(shop, '/admin/x.json', { 'x-shopify-access-token': 't' }, { a: 'ž' })
  await http.close()
  return answer
}

describe('a question to a shop', () => {
  it('goes as JSON to the base address, where there is one', async () => {
    expect(await post(SHOP, `${base}/below`)).toMatchObject({
      status: 200,
      headers: { 'retry-after': '2' },
      body: { data: 1 },
    })
    expect(seen).toMatchObject({ method: 'POST', url: '/admin/x.json', body: '{"a":"ž"}' })
    expect(seen.headers).toMatchObject({
      'x-shopify-access-token': 't',
      'content-type': 'application/json',
      accept: 'application/json',
    })
  })

  it('has null for what is no JSON', async () => {
    text = '<html>'
    expect(await post(SHOP, base)).toMatchObject({ status: 200, body: null })
  })

  it('of more than 1 MiB is a failure', async () => {
    text = ' '.repeat(1024 * 1024 + 1)
    expect(await post(SHOP, base)).toEqual({ failure: 'the answer is larger than 1024 KiB' })
  })

  it('goes to nobody when the shop is none', async () => {
    expect(await post('', null)).toEqual({ failure: 'ERR_INVALID_URL' })
  })
})

describe('the time to wait', () => {
  it.each([
    [{}, 0],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': '-1' }, 0],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, 0],
    [{ 'retry-after': '1e400' }, 0],
  ])('of %j is %i ms', (headers, ms) => {
    expect(retryAfterMs(headers)).toBe(ms)
  })
})
