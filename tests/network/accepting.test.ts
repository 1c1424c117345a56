/** Connections that the network swallows while something is taken in: it is asked for again, and nothing hangs. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { orderPayload } from '../../sandbox/store/payloads.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type Network, networkTo } from '../support/network.ts'
import { orders } from '../support/orders.ts'

/** Shopify hangs up after five seconds. */
const SHOPIFY_MS = 5_000
let base: TestDatabase
let network: Network
let app: TestApp
const order = orders(() => app)
beforeEach(async () => {
  base = await testDatabase()
  network = await networkTo(base.url)
  app = await startApp({ databaseUrl: network.url, env: { SLUICE_ROLE: 'web' } })
  expect((await order.send('orders/create')).status).toBe(200)
})
afterEach(async () => {
  await app.close()
  await network.close()
  await base.drop()
})

/** Another order. @returns a function that sends it, always under the same webhook id */
function webhook(): () => Promise<Response> {
  order.next()
  const payload = orderPayload(order.options())
  const webhookId = `w-${order.id}`
  return () => app.store.webhook({ topic: 'orders/create', payload, webhookId })
}

/** @returns what was answered, in time */
async function inTime(sending: Promise<Response>): Promise<Response> {
  const sent = Date.now()
  const answer = await sending
  expect(Date.now() - sent).toBeLessThan(SHOPIFY_MS)
  return answer
}

async function kept(): Promise<number> {
  const events = await base.database.pool.query('select from events where dedupe_key like $1', [
    `%${order.id}%`,
  ])
  return events.rowCount ?? 0
}

describe('a webhook', () => {
  it.each([
    ['whose rows are lost', 'insert-receipts', 'question', 'accepted'],
    ['of whose rows PostgreSQL has heard', 'insert-receipts', 'answer', 'accepted'],
    ['whose commit is lost', 'COMMIT', 'question', 'accepted'],
    ['whose commit went through, and its answer was lost', 'COMMIT', 'answer', 'duplicate'],
  ] as const)('%s is asked for again, and kept once', async (_, text, lost, then) => {
    const send = webhook()
    const swallowed = network.swallowAt(text, lost)
    const first = await inTime(send())
    await swallowed
    expect(first.status).toBe(503)
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0)
    const again = await inTime(send())
    expect([again.status, await again.json()]).toMatchObject([200, { status: then }])
    expect(await kept()).toBe(1)
  })

  it('that comes after all connections were forgotten is asked for again; the one after it is kept', async () => {
    // More than one connection is open, and idle.
    await Promise.all([webhook()(), webhook()(), webhook()()])
    network.forget()
    const send = webhook()
    expect((await inTime(send())).status).toBe(503)
    expect((await inTime(send())).status).toBe(200)
    expect(await kept()).toBe(1)
  })
})

describe('webhooks of a network that is cut', () => {
  it('are all asked for again in time, however many wait, and kept once it is mended', async () => {
    network.cut()
    const sends = Array.from({ length: 200 }, webhook)
    const refused = await Promise.all(sends.map(send => inTime(send())))
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]))
    network.mend()
    await expect.poll(async () => (await inTime(webhook()())).status, { timeout: 10_000 }).toBe(200)
    const answers = await Promise.all(sends.map(send => inTime(send())))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })
})
