import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeConformance } from '../../app/vendors/conformance.ts'
import { VENDORS } from '../../app/vendors/registry.ts'
import { orderPayload } from '../../sandbox/store/payloads.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { simpleOrder } from '../support/orders.ts'
import { tiny } from './tiny/index.ts'
import { samples } from './tiny/samples.ts'

describeConformance(tiny, samples)

let api: Server
let app: TestApp
const received: { authorization: string | undefined; body: unknown }[] = []
beforeAll(async () => {
  api = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    received.push({
      authorization: request.headers.authorization,
      body: JSON.parse(Buffer.concat(chunks).toString()),
    })
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"count":1}')
  })
  await new Promise<void>(done => api.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  app = await startApp({ vendors: [...VENDORS, tiny], config: { vendorBaseUrls: { tiny: url } } })
})
afterAll(async () => {
  await app.close()
  api.close()
})

it('a vendor that is only in the registry gets its events, once', async () => {
  await app.connect('tiny', { apiKey: 'tiny-key-0123456789' })
  const payload = orderPayload(simpleOrder(8001))
  await app.store.webhook({ topic: 'orders/create', payload })
  await app.store.webhook({ topic: 'orders/paid', payload })
  await app.idle()
  const [delivery] = await app.deliveries()
  expect(delivery).toMatchObject({ vendor: 'tiny', state: 'delivered' })
  expect(received).toEqual([
    { authorization: 'Bearer tiny-key-0123456789', body: { event: delivery?.event_id } },
  ])
})
