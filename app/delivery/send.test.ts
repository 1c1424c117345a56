import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { VendorRequest } from '../vendors/vendor.ts'
import { createSender, rebased, type Sent } from './send.ts'

type Seen = {
  method?: string
  url?: string
  headers: IncomingMessage['headers']
  raw: string[]
  body: string
}

const seen: Seen[] = []
let handle: (response: ServerResponse) => void
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', part => parts.push(part))
  request.on('end', () => {
    const { method, url, headers, rawHeaders: raw } = request
    seen.push({ method, url, headers, raw, body: Buffer.concat(parts).toString() })
    handle(response)
  })
})
const sender = createSender(5_000)
let base: string

const listening = async (any: Server | typeof server) => {
  await new Promise<void>(done => any.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(any.address() as AddressInfo).port}`
}
const answering = (status: number, body: string, headers: Record<string, string> = {}) => {
  handle = response => response.writeHead(status, headers).end(body)
}
const POST: VendorRequest = {
  method: 'POST',
  url: 'https://api.vendor.example/v1/events?a=%2F&b=c%40d',
  headers: { 'X-Api-Key': 'key-1', 'content-type': 'application/json' },
  body: { name: 'žluťoučký', amount: 1.5 },
}
const answerOf = (sent: Sent) => {
  if ('failure' in sent) throw new Error(sent.failure)
  return sent.answer
}
const failureOf = (sent: Sent) => ('failure' in sent ? sent.failure : `answered ${sent.answer.status}`)

beforeAll(async () => {
  base = await listening(server)
})
afterEach(() => {
  seen.length = 0
})
afterAll(async () => {
  await sender.close()
  server.closeAllConnections()
  await new Promise(done => server.close(done))
})

describe('rebased', () => {
  it.each([
    ['https://a.example/x?y=1', undefined, 'https://a.example/x?y=1'],
    ['https://a.example/x?y=1', 'http://127.0.0.1:9/', 'http://127.0.0.1:9/x?y=1'],
    ['https://a.example/x', 'http://127.0.0.1:9/below', 'http://127.0.0.1:9/x'],
    ['https://a.example//b.example/x', 'http://127.0.0.1:9', 'http://127.0.0.1:9//b.example/x'],
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
    answering(200, '{}')
    await sender.send(POST, base)
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/v1/events?a=%2F&b=c%40d' })
    expect(seen[0]?.raw).toEqual(expect.arrayContaining(['X-Api-Key', 'key-1']))
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(POST.body)
  })

  it('without a body sends none', async () => {
    answering(200, '{}')
    const { body: _body, ...get } = POST
    await sender.send({ ...get, method: 'GET' }, base)
    expect(seen[0]).toMatchObject({ method: 'GET', body: '' })
  })

  it('with a header that HTTP does not allow fails without being sent', async () => {
    answering(200, '{}')
    const sent = await sender.send({ ...POST, headers: { 'X-Api-Key': 'a\nb' } }, base)
    expect(failureOf(sent)).toMatch(/^UND_ERR/)
    expect(seen).toEqual([])
  })
})

describe('an answer', () => {
  it('comes with its status, lower-case headers and parsed body', async () => {
    answering(422, '{"errors":[1]}', { 'X-RateLimit-Reset': '5', 'Set-Cookie': 'a=b' })
    const answer = answerOf(await sender.send(POST, base))
    expect(answer).toMatchObject({ status: 422, body: { errors: [1] }, text: '{"errors":[1]}' })
    expect(answer.headers).toMatchObject({ 'x-ratelimit-reset': '5', 'set-cookie': 'a=b' })
    expect(answer.receivedAt).toBeInstanceOf(Date)
  })

  it.each(['<html>oops</html>', '', '{"cut":'])('that is not JSON has its text: %j', async text => {
    answering(502, text)
    expect(answerOf(await sender.send(POST, base))).toMatchObject({ status: 502, body: null, text })
  })

  it('keeps the first 1,000 characters of a long text', async () => {
    answering(200, 'x'.repeat(5_000))
    expect(answerOf(await sender.send(POST, base)).text).toHaveLength(1_000)
  })

  it('of exactly 256 KiB is read, and a larger one is a failure', async () => {
    answering(200, JSON.stringify('x'.repeat(256 * 1024 - 2)))
    expect(answerOf(await sender.send(POST, base)).body).toHaveLength(256 * 1024 - 2)
    answering(200, 'x'.repeat(256 * 1024 + 1))
    expect(failureOf(await sender.send(POST, base))).toBe('the answer is larger than 256 KiB')
  })

  it('that redirects is not followed', async () => {
    answering(302, '', { location: `${base}/elsewhere` })
    expect(answerOf(await sender.send(POST, base)).status).toBe(302)
    expect(seen).toHaveLength(1)
  })
})

describe('a failure', () => {
  const quick = createSender(50)
  afterAll(() => quick.close())

  it('is said when nothing answers in time', async () => {
    handle = () => {}
    expect(failureOf(await quick.send(POST, base))).toBe('no answer in time')
  })

  it('is said when an answer begins and does not end in time', async () => {
    handle = response => response.writeHead(200).write('{"a":')
    expect(failureOf(await quick.send(POST, base))).toBe('no answer in time')
  })

  it('is said when nobody listens', async () => {
    const closed = createTcpServer()
    const url = await listening(closed)
    await new Promise(done => closed.close(done))
    expect(failureOf(await sender.send(POST, url))).toBe('ECONNREFUSED')
  })

  it('is said when the connection breaks in the middle of the answer', async () => {
    handle = response => {
      response
        .writeHead(200, { 'content-length': '100' })
        .write('{"a":', () => response.socket?.resetAndDestroy())
    }
    expect(failureOf(await sender.send(POST, base))).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/)
  })

  it('is said when the peer speaks no HTTP', async () => {
    const odd = createTcpServer(socket => socket.resume().end('SSH-2.0-odd\r\n'))
    const url = await listening(odd)
    expect(failureOf(await sender.send(POST, url))).not.toMatch(/answered/)
    await new Promise(done => odd.close(done))
  })

  it.each([undefined, null, 'a reason', new Error('a reason')])(
    'is said when the caller stops it (%s)',
    async reason => {
      const stop = new AbortController()
      handle = () => stop.abort(reason)
      const sent = await sender.send(POST, base, stop.signal)
      expect(failureOf(sent)).not.toMatch(/answered/)
      expect(typeof failureOf(sent)).toBe('string')
    },
  )

  it('is said when the caller had stopped before', async () => {
    expect(failureOf(await sender.send(POST, base, AbortSignal.abort()))).toBe(
      'stopped while waiting for the answer',
    )
  })

  it.each(['', 'not an address', 'ftp://vendor.example/x'])('is said for the address %j', async url => {
    expect(failureOf(await sender.send({ ...POST, url }))).not.toMatch(/answered/)
  })

  it('does not name the address', async () => {
    const sent = await sender.send({ ...POST, url: 'http://user:secret@127.0.0.1:1/shopper@example.com' })
    expect(failureOf(sent)).not.toMatch(/127\.0\.0\.1|secret|shopper/)
  })
})
