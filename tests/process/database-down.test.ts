import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Embedded, removeEmbedded, startEmbedded } from '../../app/db/embedded/index.ts'
import { orderPayload, wireProduct } from '../../sandbox/store/payloads.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { simpleOrder } from '../support/orders.ts'

let folder: string
let database: Embedded
let app: TestApp

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-down-'))
  database = await startEmbedded({ dataDir: folder })
  app = await startApp({ databaseUrl: database.url })
  await app.connect('ecomail')
})
afterAll(async () => {
  await app.close()
  await database.stop()
  await removeEmbedded(folder)
  rmSync(folder, { recursive: true, force: true })
})

const order = {
  topic: 'orders/create',
  webhookId: 'w-down',
  payload: orderPayload(simpleOrder(7001)),
}

it('with its database stopped the server acknowledges nothing, and takes everything when it is back', async () => {
  const { port } = new URL(database.url)
  await database.stop()

  const refused = await app.store.webhook(order)
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  const batch = {
    visitorId: 'v-1',
    sentAt: new Date().toISOString(),
    consent: { analytics: true, marketing: true },
    events: [
      {
        id: 'e-1',
        type: 'product_viewed',
        at: new Date().toISOString(),
        url: null,
        data: { product: wireProduct('lamp') },
      },
    ],
  }
  expect((await app.store.proxy(batch)).status).toBe(503)
  expect((await fetch(`${app.url}/readyz`)).status).toBe(503)
  expect((await fetch(`${app.url}/healthz`)).status).toBe(200)

  database = await startEmbedded({ dataDir: folder, settings: { port } })
  expect(await (await app.store.webhook(order)).json()).toMatchObject({ status: 'accepted' })
  expect((await fetch(`${app.url}/readyz`)).status).toBe(200)
  await app.vendors.waitFor('ecomail', entry => entry.accepted, { timeoutMs: 30_000 })
})
