/** What a round sends while answers are still being recorded. */
import { beforeEach, describe, expect, it } from 'vitest'
import { NOBODY } from '../events/store-event.ts'
import { createLog } from '../log.ts'
import { answer } from '../vendors/testing.ts'
import { drainLane } from './drain.ts'
import { createRecorder, type Recorder } from './record.ts'
import type { Sender } from './send.ts'
import { deliveryOf, drainContext, eventId, keepDelivery, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops

/** Numbers of the events sent, and of those whose recording was begun. */
let sent: number[]
let recording: number[]
/** Lets recordings go on. */
let record: PromiseWithResolvers<void>
const numberOf = (id: string) => Number(id.slice(-12))

beforeEach(async () => {
  await connect()
  sent = []
  recording = []
  record = Promise.withResolvers()
})

const keep = (n: number, person = n) =>
  keepDelivery(
    pool(),
    shops.one,
    {},
    { id: eventId(n), source: 'webhook', actor: { ...NOBODY, email: `buyer-${person}@example.com` } },
  )

/** Drains the lane; each recording waits until it is let go on. */
function drain(concurrency: number): Promise<void> {
  const recorder = createRecorder(pool(), createLog('silent'))
  const waiting: Recorder = {
    ...recorder,
    async record(one) {
      recording.push(...one.deliveries.map(row => numberOf(row.event_id)))
      await record.promise
      await recorder.record(one)
    },
  }
  const sender: Sender = {
    close: async () => {},
    send: async ({ headers }) => {
      sent.push(Number(headers.number))
      return { answer: answer(200) }
    },
  }
  const vendor = tinyVendor({
    limits: () => ({ limits: [], batch: 1, concurrency }),
    plan: deliveries => ({
      skips: [],
      steps: deliveries.map(({ event: { id } }) => {
        const headers = { number: String(numberOf(id)) }
        const request = { method: 'POST', url: 'https://api.tiny.example/v1/events', headers } as const
        return { name: 'event', deliveries: [id], request }
      }),
    }),
  })
  const context = drainContext(pool(), [vendor], { recorder: waiting, sender })
  return drainLane(context, lane(), new AbortController().signal)
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate)
}
/** Whatever could go on has gone on. */
async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await new Promise(setImmediate)
}

describe('while answers are recorded', () => {
  it.each([1, 2])(
    'what concerns others is sent, by %i at a time, and the next of the same is not',
    async runners => {
      for (const [n, person] of [1, 1, 2, 3].entries()) await keep(n, person)
      const drained = drain(runners)
      await until(() => recording.length === 3)
      await settled()
      expect(sent).toEqual([0, 2, 3])
      record.resolve()
      await drained
      expect(sent).toEqual([0, 2, 3, 1])
      expect(await deliveryOf(pool(), shops.one, eventId(1))).toMatchObject({
        state: 'delivered',
        attempts: 1,
      })
    },
  )

  it('no more than 32 wait for it', async () => {
    for (let n = 0; n < 50; n++) await keep(n)
    const drained = drain(1)
    await until(() => recording.length === 32)
    await settled()
    expect(sent).toHaveLength(32)
    record.resolve()
    await drained
    expect(sent).toHaveLength(50)
  })
})
