import { createServer, get, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { pacedBy } from './paced.ts'

/** @returns an answer whose browser has gone, which `close` has told already */
async function goneBefore(): Promise<ServerResponse> {
  const gone = Promise.withResolvers<ServerResponse>()
  const server = createServer((_, response) => {
    response.once('close', () => setImmediate(() => gone.resolve(response)))
    request.destroy()
  })
  onTestFinished(() => void server.close())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const request = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  request.on('error', () => {})
  return gone.promise
}

it('an answer to a browser that had gone before it was made never ended', async () => {
  const cancel = vi.fn()
  const body = new ReadableStream<Uint8Array>({
    pull: controller => controller.enqueue(new Uint8Array(65_536)),
    cancel,
  })
  const response = await goneBefore()
  // As Remix writes it.
  for await (const chunk of pacedBy(response, body)) response.write(chunk)
  expect(cancel).toHaveBeenCalledOnce()
})
