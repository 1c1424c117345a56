import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createOutbound, jsonOf, type Outbound, type OutboundRequest } from './outbound.ts'

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
const ANSWER_BYTES = 256 * 1024
const outbound = createOutbound({ timeoutMs: 5_000, answerBytes: ANSWER_BYTES })
let base: string

const listening = async (any: Server | typeof server) => {
  await new Promise<void>(done => any.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(any.address() as AddressInfo).port}`
}
const answering = (status: number, body: string, headers: Record<string, string> = {}) => {
  handle = response => response.writeHead(status, headers).end(body)
}
const post = (): OutboundRequest => ({
  method: 'POST',
  url: `${base}/v1/events?a=%2F&b=c%40d`,
  headers: { 'X-Api-Key': 'key-1', 'content-type': 'application/json' },
  body: '{"name":"žluťoučký"}',
})
type Asked = Awaited<ReturnType<Outbound['ask']>>
const answerOf = (sent: Asked) => {
  if ('failure' in sent) throw new Error(sent.failure)
  return sent.answer
}
const failureOf = (sent: Asked) => ('failure' in sent ? sent.failure : `answered ${sent.answer.status}`)

beforeAll(async () => {
  base = await listening(server)
})
afterEach(() => {
  seen.length = 0
})
afterAll(async () => {
  await outbound.close()
  server.closeAllConnections()
  await new Promise(done => server.close(done))
})

describe('a request', () => {
  it('goes out as it was planned', async () => {
    answering(200, '{}')
    await outbound.ask(post())
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/v1/events?a=%2F&b=c%40d' })
    expect(seen[0]?.raw).toEqual(expect.arrayContaining(['X-Api-Key', 'key-1']))
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ name: 'žluťoučký' })
  })

  it('without a body sends none', async () => {
    answering(200, '{}')
    await outbound.ask({ ...post(), method: 'GET', body: null })
    expect(seen[0]).toMatchObject({ method: 'GET', body: '' })
  })

  it('with a header that HTTP does not allow fails without being sent', async () => {
    answering(200, '{}')
    const sent = await outbound.ask({ ...post(), headers: { 'X-Api-Key': 'a\nb' } })
    expect(failureOf(sent)).toMatch(/^UND_ERR/)
    expect(seen).toEqual([])
  })
})

describe('a connection', () => {
  it('is made to where the name is found, and kept for the next requests', async () => {
    answering(200, '{}')
    const found: string[] = []
    const named = createOutbound({
      ...{ timeoutMs: 5_000, answerBytes: ANSWER_BYTES },
      lookup: (name, _, done) => {
        found.push(name)
        done(null, [{ address: '127.0.0.1', family: 4 }])
      },
    })
    const url = base.replace('127.0.0.1', 'vendor.example')
    for (let request = 0; request < 9; request++)
      expect(answerOf(await named.ask({ ...post(), url })).status).toBe(200)
    // A second one is made where the first is not free again in the moment of its answer.
    expect(['vendor.example', 'vendor.example']).toEqual(expect.arrayContaining(found))
    expect(found.length).toBeLessThanOrEqual(2)
    await named.close()
  })
})

describe('an answer', () => {
  it('comes with its status, lower-case headers and text', async () => {
    answering(422, '{"errors":"žádné"}', { 'X-RateLimit-Reset': '5', 'Set-Cookie': 'a=b' })
    const answer = answerOf(await outbound.ask(post()))
    expect(answer).toMatchObject({ status: 422, text: '{"errors":"žádné"}' })
    expect(answer.headers).toMatchObject({ 'x-ratelimit-reset': '5', 'set-cookie': 'a=b' })
  })

  it('in many pieces is one text, also where a letter is cut', async () => {
    const whole = Buffer.from('ž'.repeat(3))
    handle = response => {
      response.writeHead(200).write(whole.subarray(0, 3), () => response.end(whole.subarray(3)))
    }
    expect(answerOf(await outbound.ask(post())).text).toBe('žžž')
  })

  it('that is as large as allowed is read, and a larger one is a failure', async () => {
    answering(200, 'x'.repeat(ANSWER_BYTES))
    expect(answerOf(await outbound.ask(post())).text).toHaveLength(ANSWER_BYTES)
    answering(200, 'x'.repeat(ANSWER_BYTES + 1))
    expect(failureOf(await outbound.ask(post()))).toBe('the answer is larger than 256 KiB')
  })

  it('that redirects is not followed', async () => {
    answering(302, '', { location: `${base}/elsewhere` })
    expect(answerOf(await outbound.ask(post())).status).toBe(302)
    expect(seen).toHaveLength(1)
  })
})

describe('a failure', () => {
  const quick = createOutbound({ timeoutMs: 50, answerBytes: ANSWER_BYTES })
  afterAll(() => quick.close())

  it('is said when nothing answers in time', async () => {
    handle = () => {}
    expect(failureOf(await quick.ask(post()))).toBe('no answer in time')
  })

  it('is said when an answer begins and does not end in time', async () => {
    handle = response => response.writeHead(200).write('{"a":')
    expect(failureOf(await quick.ask(post()))).toBe('no answer in time')
  })

  it('is said when nobody listens', async () => {
    const closed = createTcpServer()
    const url = await listening(closed)
    await new Promise(done => closed.close(done))
    expect(failureOf(await outbound.ask({ ...post(), url }))).toBe('ECONNREFUSED')
  })

  it('is said when the connection breaks in the middle of the answer', async () => {
    handle = response => {
      response
        .writeHead(200, { 'content-length': '100' })
        .write('{"a":', () => response.socket?.resetAndDestroy())
    }
    expect(failureOf(await outbound.ask(post()))).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/)
  })

  it('is said when the peer speaks no HTTP', async () => {
    const odd = createTcpServer(socket => socket.resume().end('SSH-2.0-odd\r\n'))
    const url = await listening(odd)
    expect(failureOf(await outbound.ask({ ...post(), url }))).not.toMatch(/answered/)
    await new Promise(done => odd.close(done))
  })

  it.each([undefined, null, 'a reason', new Error('a reason')])(
    'is said when the caller stops it (%s)',
    async reason => {
      const stop = new AbortController()
      handle = () => stop.abort(reason)
      const sent = await outbound.ask(post(), stop.signal)
      expect(failureOf(sent)).not.toMatch(/answered/)
      expect(typeof failureOf(sent)).toBe('string')
    },
  )

  it('is said when the caller had stopped before', async () => {
    expect(failureOf(await outbound.ask(post(), AbortSignal.abort()))).toBe(
      'stopped while waiting for the answer',
    )
  })

  it.each(['', 'not an address', 'ftp://vendor.example/x'])('is said for the address %j', async url => {
    expect(failureOf(await outbound.ask({ ...post(), url }))).not.toMatch(/answered/)
  })

  it('does not name the address', async () => {
    const sent = await outbound.ask({ ...post(), url: 'http://user:secret@127.0.0.1:1/shopper@example.com' })
    expect(failureOf(sent)).not.toMatch(/127\.0\.0\.1|secret|shopper/)
  })
})

describe('what a text says', () => {
  it.each([
    ['{"a":[1]}', { a: [1] }],
    ['"x"', 'x'],
    ['null', null],
    ['<html>oops</html>', null],
    ['', null],
    ['{"cut":', null],
  ])('of %j is %j', (text, said) => {
    expect(jsonOf(text)).toEqual(said)
  })
})
