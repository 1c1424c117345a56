/**
 * A week in the demo store, of which pictures are taken: a few orders each day, the story's day at its end, one event that a
 * vendor rejects, one vendor whose key stops working, and one that support held for an hour.
 */

import { EXAMPLES } from '../store/customers.ts'
import type { Person, ProductName } from '../store/payloads.ts'
import { type OrderOptions, orderPayload, productPayload } from '../store/payloads.ts'
import type { Store, Webhook } from '../store/shopify.ts'
import { DEMO_CREDENTIALS } from '../vendors/credentials.ts'
import type { StoppedClock } from './clock.ts'
import type { Demo } from './environment.ts'
import { heldForAnHour } from './held.ts'
import { untilIdle } from './idle.ts'
import { dayInTheStore } from './story.ts'

/** When the merchant looks: a Friday evening. */
export const WEEK_ENDS = '2026-11-20T17:30:00.000Z'
export const WEEK_BEGINS = '2026-11-14T08:00:00.000Z'
/** Of what a vendor rejected for good. */
export const REJECTED_ORDER = '#996'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** The fourth day's morning, before its orders. */
const HELD_AFTER_MS = 3 * DAY_MS - 120 * MINUTE_MS
const PATIENCE_MS = 60_000
/** Of the story's day: its first step is this long before the end, and they are this far apart. */
const STORY_BEGAN_MS = 94 * MINUTE_MS
const STORY_STEP_MS = 5 * MINUTE_MS
const ORDERS_BY_DAY = [2, 3, 1, 4, 3, 3]
const FIRST_ORDER = { id: 5_123_456_780_000, number: 985 }
const BASKETS: readonly (readonly [ProductName, number])[][] = [
  [['lamp', 1]],
  [
    ['candle', 2],
    ['lamp', 1],
  ],
  [['candle', 3]],
]

/** @throws when an answer is none of success, or something does not come to rest */
export async function playWeek(demo: Demo, clock: StoppedClock): Promise<void> {
  const { store, vendors, server } = demo
  const told = numbered(store, clock)
  const at = async (time: number, step: () => Promise<Response>) => {
    clock.set(new Date(time).toISOString())
    const { status } = await step()
    if (status >= 300 && status !== 401) throw new Error(`The store was answered ${status}`)
    await soon(untilIdle(server.services))
  }
  const begins = Date.parse(WEEK_BEGINS)
  for (const [index, product] of (['lamp', 'candle'] as const).entries()) {
    const time = begins + index * MINUTE_MS
    const payload = productPayload(product, new Date(time).toISOString())
    await at(time, () => told.webhook({ topic: 'products/create', payload }))
  }
  for (const { time, topic, payload, name } of earlierOrders(begins)) {
    // What a vendor rejects for good; the next one is taken again.
    if (name === REJECTED_ORDER && topic === 'orders/create')
      vendors.fail('alana', { status: 422, body: { message: 'The catalogue has no such item.' } })
    await at(time, () => told.webhook({ topic, payload }))
  }
  await heldForAnHour(demo, begins + HELD_AFTER_MS)
  const ends = Date.parse(WEEK_ENDS)
  clock.set(WEEK_ENDS)
  for (const [index, step] of dayInTheStore().entries())
    await at(ends - STORY_BEGAN_MS + index * STORY_STEP_MS, () => step.run(told))
  vendors.credentials.ecomail.apiKeys.delete(DEMO_CREDENTIALS.ecomail.apiKey)
  const last = orderOf(earlierOrders(begins).length, ends - 2 * MINUTE_MS, {})
  await at(ends - 2 * MINUTE_MS, () =>
    told.webhook({ topic: 'orders/create', payload: orderPayload({ ...last, name: '#1003' }) }),
  )
  clock.set(WEEK_ENDS)
}

type Told = { time: number; topic: string; payload: unknown; name: string }

/** Each is placed and paid, and some leave the same day. */
function earlierOrders(begins: number): Told[] {
  let count = 0
  return ORDERS_BY_DAY.flatMap((orders, day) =>
    Array.from({ length: orders }, (_, index) => {
      const time = begins + day * DAY_MS + (index * 150 + 45) * MINUTE_MS
      const number = count++
      const state = (minutes: number, over: Partial<OrderOptions>) =>
        orderOf(number, time, { updatedAt: new Date(time + minutes * MINUTE_MS).toISOString(), ...over })
      const one = (minutes: number, topic: string, over: Partial<OrderOptions>) => {
        const options = state(minutes, over)
        return { time: time + minutes * MINUTE_MS, topic, payload: orderPayload(options), name: options.name }
      }
      return [
        one(0, 'orders/create', {}),
        one(4, 'orders/paid', { financial: 'paid' }),
        ...(index % 2 === 0
          ? [one(90, 'orders/fulfilled', { financial: 'paid', fulfillment: 'fulfilled' })]
          : []),
      ]
    }).flat(),
  )
}

function orderOf(number: number, time: number, over: Partial<OrderOptions>): OrderOptions {
  const person: Person | undefined = EXAMPLES[number % EXAMPLES.length]
  const basket = BASKETS[number % BASKETS.length] ?? []
  const createdAt = new Date(time).toISOString()
  return {
    id: FIRST_ORDER.id + number,
    name: `#${FIRST_ORDER.number + number}`,
    lines: basket.map(([product, quantity]) => ({ product, quantity })),
    customer: person ?? null,
    email: person?.email ?? null,
    createdAt,
    updatedAt: createdAt,
    ...over,
  }
}

/** The store with the ids of its webhooks counted, and their times by the stopped clock. */
function numbered(store: Store, clock: StoppedClock): Store {
  let count = 0
  const id = () => `b1e55ed0-0000-4000-8000-${String(++count).padStart(12, '0')}`
  return {
    webhook: (webhook: Webhook) =>
      store.webhook({ webhookId: id(), eventId: id(), triggeredAt: clock.now().toISOString(), ...webhook }),
    proxy: store.proxy,
  }
}

/** The clock stands, so whoever waits by it would wait for ever. */
async function soon<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not at rest after ${PATIENCE_MS / 1000} s`)), PATIENCE_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
