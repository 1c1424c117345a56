/** A server in a vendor's place that answers as no vendor should, when told to, and otherwise takes everything. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Oddity = (response: ServerResponse) => void

export type OddVendor = {
  url: string
  /** What it got, in order. */
  requests: { method: string; path: string; headers: IncomingMessage['headers']; body: string; at: number }[]
  /** The next requests, one for each, are answered so. */
  next(...oddities: Oddity[]): void
  reset(): void
  close(): Promise<void>
}

export async function startOddVendor(): Promise<OddVendor> {
  let waiting: Oddity[] = []
  const requests: OddVendor['requests'] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      requests.push({ method, path: url, headers, body: Buffer.concat(chunks).toString(), at: Date.now() })
      const odd = waiting.shift()
      if (odd) odd(response)
      else response.setHeader('content-type', 'application/json').end('{"ok":true}')
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    next(...oddities) {
      waiting.push(...oddities)
    },
    reset() {
      waiting = []
      requests.length = 0
    },
    close: () =>
      new Promise(done => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

/** An answer with this status, body and headers. */
export const answers =
  (status: number, body: unknown, headers: Record<string, string> = {}): Oddity =>
  response => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
  }

/** Writes so many bytes each so many ms until the other side has had enough. @param written told how many in all */
export const dribbles =
  (bytes: number, everyMs: number, written: (sum: number) => void = () => {}): Oddity =>
  response => {
    let sum = 0
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => {
      sum += bytes
      response.write('x'.repeat(bytes))
    }, everyMs)
    response.on('close', () => {
      clearInterval(timer)
      written(sum)
    })
  }
