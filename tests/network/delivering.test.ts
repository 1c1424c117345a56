/** Connections that the network swallows while deliveries are made: each event arrives, and no later than stated. */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { SETTINGS } from '../support/app.ts'
import { type Behind, startBehind } from './behind.ts'

/** What docs/reliability.md states is 15 s; the rest is for a machine that is busy with other things. */
const RESUMED = { timeout: 25_000 }

/** One for each test: they go on side by side, as each waits most of the time. */
const waiting: Behind[] = []
const started: Behind[] = []
beforeAll(async () => {
  for (let n = 0; n < 3; n++) {
    const behind = await startBehind()
    await behind.app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false })
    started.push(behind)
  }
  waiting.push(...started)
})
afterAll(() => Promise.all(started.map(behind => behind.close())))

/** @returns one that no other test has */
function mine(): Behind {
  const behind = waiting.pop()
  if (!behind) throw new Error('too few were started')
  return behind
}

/** An order of a person who has no other. @returns the status of the answer */
async function send({ order }: Behind): Promise<number> {
  order.next()
  const customer = { ...SIGNED_IN, id: order.id, email: `buyer-${order.id}@example.com` }
  const { status } = await order.send('orders/create', { customer, email: customer.email })
  return status
}

/** How often Ecomail took each order that was kept. */
async function arrivals({ base, app }: Behind): Promise<number[]> {
  const kept = await base.database.pool.query<{ subject: string }>('select subject from events')
  const bodies = app.vendors.inbox('ecomail').map(({ body }) => JSON.stringify(body))
  return kept.rows.map(({ subject }) => {
    const id = subject.replace('order:', '')
    return bodies.filter(body => body.includes(`"${id}"`)).length
  })
}

describe.concurrent('what a vendor answered', () => {
  it.for(['question', 'answer'] as const)(
    'is recorded though the %s is swallowed, and nothing is sent twice',
    async (lost, { expect }) => {
      const behind = mine()
      const swallowed = behind.network.swallowAt('insert into exchanges', lost)
      expect(await send(behind)).toBe(200)
      await swallowed
      await expect.poll(behind.open, RESUMED).toBe(0)
      expect(await arrivals(behind)).toEqual([1])
      expect(await send(behind)).toBe(200)
      await expect.poll(behind.open, RESUMED).toBe(0)
      expect(await arrivals(behind)).toEqual([1, 1])
    },
  )
})

describe.concurrent('lanes of which every connection is forgotten in the middle of it', () => {
  it('go on, and each event arrives', async ({ expect }) => {
    const behind = mine()
    behind.app.vendors.fail('ecomail', { delayMs: 1_000, times: 4 })
    const several = () => Promise.all(Array.from({ length: 8 }, () => send(behind)))
    const first = await several()
    behind.network.forget()
    const later = await several()
    await expect.poll(behind.open, RESUMED).toBe(0)
    const times = await arrivals(behind)
    const kept = [...first, ...later].filter(status => status === 200).length
    expect(times.length).toBeGreaterThanOrEqual(kept)
    expect(Math.min(...times)).toBe(1)
    // No other worker could take the lane, so an answer waits until it is recorded.
    expect(Math.max(...times)).toBe(1)
    expect(await send(behind)).toBe(200)
    await expect.poll(behind.open, RESUMED).toBe(0)
  })
})
