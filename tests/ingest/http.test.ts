/** The ingest routes as HTTP: methods, sizes, bodies in pieces and bodies that never end. */
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { orderPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { webhookSignature } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP, startApp, type TestApp } from '../support/app.ts'
import { simpleOrder } from '../support/orders.ts'

const LIMIT = 10 * 1024 * 1024
const BODY = Buffer.from(
  JSON.stringify({
    ...orderPayload(simpleOrder(5000000000001, { customer: { ...SIGNED_IN, last: 'Žltý kôň 🐎' } })),
  }),
)
let app: TestApp
let sockets: Socket[]
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())
beforeEach(async () => {
  for (const socket of sockets ?? []) socket.destroy()
  sockets = []
  await app.reset()
  app.logs.length = 0
})

const count = async (table: string) =>
  (await app.server.services.pool.query(`select count(*)::int as n from ${table}`)).rows[0].n

/** A connection on which pieces are written as they stand. */
function open() {
  const socket = connect(app.server.port, '127.0.0.1')
  sockets.push(socket)
  let text = ''
  socket.on('data', part => (text += part))
  // The server closes what it will not read to the end.
  socket.on('error', () => {})
  const closed = new Promise<string>(done => socket.once('close', () => done(text)))
  return { socket, closed, heard: () => text }
}
const head = (path: string, length: string, body: Buffer = BODY) =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `X-Shopify-Hmac-Sha256: ${webhookSignature(SECRET, body.toString())}`,
    'X-Shopify-Topic: orders/create',
    `X-Shopify-Shop-Domain: ${SHOP}`,
    'X-Shopify-Webhook-Id: w-1',
    length,
    '',
    '',
  ].join('\r\n')

const chunk = (piece: Buffer) =>
  Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])

describe.each([
  ['/webhooks', LIMIT],
  ['/proxy/events', 64 * 1024],
])('%s', (path, limit) => {
  it.each(['GET', 'PUT', 'DELETE'])('answers 405 to %s, and says what is allowed', async method => {
    const answer = await fetch(`${app.url}${path}?shop=x`, { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('answers 413 to a length that is too large before the body comes, and reads none of it', async () => {
    const { socket, closed } = open()
    socket.write(head(path, `Content-Length: ${limit + 1}`))
    expect(await closed).toMatch(/^HTTP\/1\.1 413 /)
    expect(await count('receipts')).toBe(0)
  })

  it('answers 413 to a body without a length as soon as it is too large, though it does not end', async () => {
    const { socket, closed } = open()
    socket.write(head(path, 'Transfer-Encoding: chunked'))
    await new Promise<void>(done => socket.write(chunk(Buffer.alloc(limit, 'x')), () => done()))
    socket.write(chunk(Buffer.from('y')))
    expect(await closed).toMatch(/^HTTP\/1\.1 413 /)
    expect(await count('receipts')).toBe(0)
  })
})

describe('a body', () => {
  it.each([
    ['of a known length', `Content-Length: ${BODY.length}`],
    ['without one', 'Transfer-Encoding: chunked'],
  ])('%s is read whole, in whatever pieces it comes', async (_, length) => {
    const { socket, heard } = open()
    const chunked = length.startsWith('Transfer')
    socket.setNoDelay(true)
    socket.write(head('/webhooks', length))
    for (let at = 0; at < BODY.length; at += 101) {
      const piece = BODY.subarray(at, at + 101)
      const framed = chunked ? chunk(piece) : piece
      await new Promise<void>(done => socket.write(framed, () => setImmediate(done)))
    }
    if (chunked) socket.write('0\r\n\r\n')
    await expect.poll(heard).toMatch(/^HTTP\/1\.1 200 /)
    expect(await count('events')).toBe(1)
  })

  it.each([
    ['in the middle', BODY.length / 2],
    ['before its first byte', 0],
    ['before its last byte', BODY.length - 1],
  ])('that is cut off %s is neither kept nor answered nor an error', async (_, at) => {
    const { socket, heard } = open()
    await new Promise<void>(done =>
      socket.write(head('/webhooks', `Content-Length: ${BODY.length}`), () => done()),
    )
    await new Promise<void>(done => socket.write(BODY.subarray(0, at), () => done()))
    socket.destroy()
    // Those that follow are answered as ever.
    const next = await app.store.webhook({
      topic: 'orders/create',
      payload: BODY.toString(),
      webhookId: 'w-2',
    })
    expect(next.status).toBe(200)
    expect(heard()).toBe('')
    expect(await count('receipts')).toBe(1)
    const levels = app.logs.map(line => JSON.parse(line).level)
    expect(levels.filter(level => level === 'error' || level === 'warn')).toEqual([])
  })

  it('that is not JSON is 400, and one that is empty too', async () => {
    for (const payload of ['{"id": 1,', ''])
      expect((await app.store.webhook({ topic: 'orders/create', payload })).status).toBe(400)
    expect(await count('receipts')).toBe(0)
  })
})
