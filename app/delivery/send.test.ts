import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { NOT_PUBLIC } from '../public-network.ts'
import type { VendorRequest } from '../vendors/vendor.ts'
import { createSender, rebased } from './send.ts'

const POST: VendorRequest = {
  method: 'POST',
  url: 'https://api.vendor.example/v1/events?a=%2F',
  headers: { 'X-Api-Key': 'key-1', 'content-type': 'application/json' },
  body: { name: 'žluťoučký', amount: 1.5 },
}
/** Where names lead. */
const addresses = vi.hoisted(() => new Map<string, string>())
vi.mock(import('node:dns'), async original => {
  const dns = await original()
  const lookup = (name: string, _: unknown, done: (error: null, found: object[]) => void) =>
    done(null, [{ address: addresses.get(name), family: 4 }])
  return { ...dns, lookup: lookup as unknown as typeof dns.lookup }
})
const seen: { url?: string; key: unknown; body: string }[] = []
let text: string
const server = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  seen.push({
    url: request.url ?? '',
    key: request.headers['x-api-key'],
    body: Buffer.concat(parts).toString(),
  })
  response.writeHead(422, { 'X-RateLimit-Reset': '5' }).end(text)
})
const sender = createSender(5_000)
let base: string

beforeAll(async () => {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await sender.close()
  await new Promise(done => server.close(done))
})

async function answered(body: string, request = POST) {
  text = body
  seen.length = 0
  const sent = await sender.send(request, base)
  if ('failure' in sent) throw new Error(sent.failure)
  return sent.answer
}

describe('rebased', () => {
  it.each([
    ['https://a.example/x?y=1', undefined, 'https://a.example/x?y=1'],
    ['https://a.example/x?y=1', 'http://127.0.0.1:9/', 'http://127.0.0.1:9/x?y=1'],
    ['https://a.example/x', 'http://127.0.0.1:9/below', 'http://127.0.0.1:9/x'],
    ['https://a.example//b.example/x', 'http://127.0.0.1:9', 'http://127.0.0.1:9//b.example/x'],
    ['not an address', 'http://127.0.0.1:9', 'not an address'],
  ])('moves %s to %s', (url, baseUrl, expected) => {
    expect(rebased(url, baseUrl)).toBe(expected)
  })

  it('keeps path and query as they are', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
        const url = new URL(`https://a.example${path}?${query}`)
        const moved = new URL(rebased(url.href, 'http://127.0.0.1:9'))
        expect([moved.host, moved.pathname, moved.search]).toEqual(['127.0.0.1:9', url.pathname, url.search])
      }),
    )
  })
})

describe('a request', () => {
  it('goes out as it was planned', async () => {
    await answered('{}')
    expect(seen).toEqual([{ url: '/v1/events?a=%2F', key: 'key-1', body: JSON.stringify(POST.body) }])
  })

  it('without a body sends none', async () => {
    const { body: _body, ...get } = POST
    await answered('{}', { ...get, method: 'GET' })
    expect(seen).toMatchObject([{ body: '' }])
  })

  it.each(['', 'not an address'])('to the address %j is a failure', async url => {
    expect(await sender.send({ ...POST, url }, base)).toEqual({ failure: 'ERR_INVALID_URL' })
  })
})

describe('a host that a merchant gave', () => {
  const moved = (host: string): VendorRequest => ({
    ...POST,
    url: POST.url.replace('api.vendor.example', host),
  })

  it.each(['10.0.0.5', '127.0.0.1', '169.254.169.254', 'fd12::1'])(
    'is not connected to where its name leads to %s',
    async address => {
      addresses.set('dedicated.vendor.example', address)
      expect(await sender.send(moved('dedicated.vendor.example'))).toEqual({ failure: NOT_PUBLIC })
    },
  )

  it.each(['127.0.0.1', '[::1]', '10.0.0.5'])('is not connected to where it is %s itself', async host => {
    expect(await sender.send(moved(host))).toEqual({ failure: NOT_PUBLIC })
  })

  it('that the operator has replaced is not looked at', async () => {
    addresses.set('dedicated.vendor.example', '10.0.0.5')
    expect((await answered('{}', moved('dedicated.vendor.example'))).status).toBe(422)
  })
})

describe('an answer', () => {
  it('comes with its status, headers, parsed body and text', async () => {
    const answer = await answered('{"errors":[1]}')
    expect(answer).toMatchObject({ status: 422, body: { errors: [1] }, text: '{"errors":[1]}' })
    expect(answer.headers).toMatchObject({ 'x-ratelimit-reset': '5' })
    expect(answer.receivedAt).toBeInstanceOf(Date)
  })

  it('that is not JSON has its text', async () => {
    expect(await answered('<html>oops</html>')).toMatchObject({ body: null, text: '<html>oops</html>' })
  })

  it('keeps the first 1,000 characters of a long text, and all of its JSON', async () => {
    const long = 'x'.repeat(5_000)
    const answer = await answered(JSON.stringify(long))
    expect([answer.text.length, answer.body]).toEqual([1_000, long])
  })

  it('of more than 256 KiB is a failure', async () => {
    text = 'x'.repeat(256 * 1024 + 1)
    expect(await sender.send(POST, base)).toEqual({ failure: 'the answer is larger than 256 KiB' })
  })
})
