/** Connections that the network swallows while something is taken in: it is asked for again, and nothing hangs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { orderPayload } from '../../sandbox/store/payloads.ts'
import { type Behind, startBehind } from './behind.ts'

/** Shopify hangs up after five seconds. */
const SHOPIFY_MS = 5_000
/** More than are written at once, in waves: what counts is how long each waits, not how fast this machine makes them. */
const WAVES = 15
const WAVE = 10
const LOST = [
  ['whose rows are lost', 'insert-receipts', 'question', 'accepted'],
  ['of whose rows PostgreSQL has heard', 'insert-receipts', 'answer', 'accepted'],
  ['whose commit is lost', 'COMMIT', 'question', 'accepted'],
  ['whose commit went through, and its answer was lost', 'COMMIT', 'answer', 'duplicate'],
] as const

/** One for each test: they go on side by side, as each waits most of the time. Nothing else runs in them. */
const waiting: Behind[] = []
const started: Behind[] = []
beforeAll(async () => {
  for (let n = 0; n < LOST.length + 2; n++) started.push(await startBehind({ env: { SLUICE_ROLE: 'web' } }))
  waiting.push(...started)
})
afterAll(() => Promise.all(started.map(behind => behind.close())))

/** @returns one that no other test has, with a connection that has been used */
async function mine(): Promise<Behind> {
  const behind = waiting.pop()
  if (!behind) throw new Error('too few were started')
  expect((await webhook(behind)()).status).toBe(200)
  return behind
}

/** Another order. @returns a function that sends it, always under the same webhook id */
function webhook({ app, order }: Behind): () => Promise<Response> {
  order.next()
  const payload = orderPayload(order.options())
  const webhookId = `w-${order.id}`
  return () => app.store.webhook({ topic: 'orders/create', payload, webhookId })
}

/** @returns what was answered, in time */
async function inTime(sending: Promise<Response>): Promise<Response> {
  const sent = performance.now()
  const answer = await sending
  expect(performance.now() - sent).toBeLessThan(SHOPIFY_MS)
  return answer
}

/** @returns how often the last order was kept */
async function kept({ base, order }: Behind): Promise<number> {
  const subject = `order:${order.id}`
  const events = await base.database.pool.query('select from events where subject = $1', [subject])
  return events.rowCount ?? 0
}

describe.concurrent('a webhook', () => {
  it.each(LOST)('%s is asked for again, and kept once', async (_, text, lost, then) => {
    const behind = await mine()
    const send = webhook(behind)
    const swallowed = behind.network.swallowAt(text, lost)
    const first = await inTime(send())
    await swallowed
    expect(first.status).toBe(503)
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0)
    const again = await inTime(send())
    expect([again.status, await again.json()]).toMatchObject([200, { status: then }])
    expect(await kept(behind)).toBe(1)
  })

  it('that comes after all connections were forgotten is asked for again; the one after it is kept', async () => {
    const behind = await mine()
    // More than one connection is open, and idle.
    await Promise.all([webhook(behind)(), webhook(behind)(), webhook(behind)()])
    behind.network.forget()
    const send = webhook(behind)
    expect((await inTime(send())).status).toBe(503)
    expect((await inTime(send())).status).toBe(200)
    expect(await kept(behind)).toBe(1)
  })
})

describe('webhooks of a network that is cut', () => {
  it('are all asked for again in time, however many wait, and kept once it is mended', async () => {
    const behind = await mine()
    behind.network.cut()
    const waves: (() => Promise<Response>)[][] = []
    const refused: Promise<Response>[] = []
    for (let wave = 0; wave < WAVES; wave++) {
      const more = Array.from({ length: WAVE }, () => webhook(behind))
      refused.push(...more.map(send => inTime(send())))
      waves.push(more)
      await fetch(`${behind.app.url}/healthz`)
    }
    expect(new Set((await Promise.all(refused)).map(({ status }) => status))).toEqual(new Set([503]))
    behind.network.mend()
    const probe = webhook(behind)
    await expect.poll(async () => (await inTime(probe())).status, { timeout: 15_000 }).toBe(200)
    for (const wave of waves) {
      const answers = await Promise.all(wave.map(send => inTime(send())))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    }
  })
})
