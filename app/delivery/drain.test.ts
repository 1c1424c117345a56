import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { createLog } from '../log.ts'
import { answer, SHOP } from '../vendors/testing.ts'
import type { Planned, Reading, Vendor, VendorRequest } from '../vendors/vendor.ts'
import { type AnyVendor, connectionRow, saveConnection } from './connections.ts'
import { type DrainContext, drainLane } from './drain.ts'
import { switchLane } from './lane-state.ts'
import {
  deliveryOf,
  eventId,
  keepDelivery,
  newShop,
  sealer,
  TINY_SETTINGS,
  type TinySettings,
  tinyStep,
  tinyVendor,
} from './testing.ts'

let test: TestDatabase
let shopId: number
let sent: VendorRequest[]
let signals: (Date | undefined)[]
let lines: string[]
const pool = () => test.database.pool
const lane = () => ({ shopId, vendor: 'tiny' })
const delivery = (n: number) => deliveryOf(pool(), shopId, eventId(n))
const keep = (n: number, over = {}) =>
  keepDelivery(pool(), shopId, over, { id: eventId(n), source: 'webhook' })

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  await saveConnection(test.database.prisma, sealer, shopId, tinyVendor(), TINY_SETTINGS)
  sent = []
  signals = []
  lines = []
})

/** Drains the lane with a vendor that differs as given; every request is answered 200. */
async function drain(
  over: Partial<Vendor<TinySettings>> = {},
  context: Partial<DrainContext> = {},
  lost: AbortSignal = new AbortController().signal,
) {
  const vendors: AnyVendor[] = [tinyVendor(over)]
  await drainLane(
    {
      pool: pool(),
      sealer,
      vendors,
      sender: {
        close: async () => {},
        send: async request => {
          sent.push(request)
          return { answer: answer(200) }
        },
      },
      engine: { signal: async (_lane, at) => void signals.push(at) },
      log: createLog('trace', { write: line => void lines.push(line) }),
      vendorBaseUrls: {},
      fill: async (_shop, events) => events.map(event => ({ event })),
      shopFacts: async () => SHOP,
      stopping: () => false,
      ...context,
    },
    lane(),
    lost,
  )
}
/** The readings in turn, the last one from then on. */
const reading = (...list: Reading[]): Partial<Vendor<TinySettings>> => {
  let n = 0
  return { read: () => list[Math.min(n++, list.length - 1)] ?? { kind: 'delivered' } }
}
const words = { merchant: 'Tiny said so.', log: 'tiny said so' }

describe('a drain', () => {
  it('sends everything due, over several rounds, and leaves an idle lane unarmed', async () => {
    for (let n = 0; n < 120; n++) await keep(n)
    await drain()
    expect(sent).toHaveLength(120)
    expect(await delivery(119)).toMatchObject({ state: 'delivered', attempts: 1 })
    expect(signals).toEqual([])
  })

  it('tries again later what failed, and arms the lane for then', async () => {
    await keep(1)
    await keep(2)
    await drain(reading({ kind: 'retry', ...words }, { kind: 'delivered' }))
    const failed = await delivery(1)
    expect(failed).toMatchObject({ state: 'retry', attempts: 1, message: words.merchant })
    expect(await delivery(2)).toMatchObject({ state: 'delivered' })
    expect(signals).toEqual([failed.due_at])
  })

  it('ends its turn between two requests of one round, and arms the lane at once', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      for (let n = 0; n < 4; n++) await keep(n)
      const read = () => {
        vi.setSystemTime(Date.now() + 15_000)
        return { kind: 'delivered' as const }
      }
      await drain({ read })
      expect(sent).toHaveLength(2)
      expect(signals).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('finishes what an answer taught though its turn is over, instead of learning it again each turn', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      for (let n = 0; n < 2; n++) await keep(n)
      const answers: Reading[] = [{ kind: 'learned', fact: 'x', ...words }, { kind: 'delivered' }]
      const read = () => {
        vi.setSystemTime(Date.now() + 25_000)
        return answers.shift() ?? { kind: 'delivered' }
      }
      await drain({ read })
      expect(sent).toHaveLength(2)
      expect(await delivery(0)).toMatchObject({ state: 'delivered', attempts: 1 })
    } finally {
      vi.useRealTimers()
    }
  })

  it('sends nothing more once its lane was given to another worker', async () => {
    for (let n = 0; n < 4; n++) await keep(n)
    const lost = new AbortController()
    const read = () => {
      lost.abort()
      return { kind: 'delivered' as const }
    }
    await drain({ read }, {}, lost.signal)
    expect(sent).toHaveLength(1)
    expect(await delivery(0)).toMatchObject({ state: 'delivered' })
  })

  it('gives up three days after the first attempt, however long a delivery waited before it', async () => {
    await keep(1)
    await pool().query(`update deliveries set created_at = now() - interval '9 days', trying_since = null`)
    await drain(reading({ kind: 'retry', ...words }))
    expect(await delivery(1)).toMatchObject({ state: 'retry', attempts: 1 })
    await pool().query(`update deliveries set trying_since = now() - interval '73 hours', due_at = now()`)
    await drain(reading({ kind: 'retry', ...words }))
    expect(await delivery(1)).toMatchObject({ state: 'dead', reason: 'gave_up' })
  })

  it('plans again at most twice on what an answer taught, and then tries later', async () => {
    await keep(1)
    await drain(reading({ kind: 'learned', fact: 'x', ...words }))
    expect(sent).toHaveLength(3)
    expect(await delivery(1)).toMatchObject({ state: 'retry', attempts: 1 })
  })

  it('refused with credentials that were replaced meanwhile tries again with the new ones', async () => {
    await keep(1)
    const other = { ...TINY_SETTINGS, apiKey: 'tiny-key-9876543210' }
    let first = true
    const send = async (request: VendorRequest) => {
      if (first) await saveConnection(test.database.prisma, sealer, shopId, tinyVendor(), other)
      first = false
      sent.push(request)
      return { answer: answer(200) }
    }
    const sender = { send, close: async () => {} }
    await drain(reading({ kind: 'refused', ...words }, { kind: 'delivered' }), { sender })
    expect(await connectionRow(pool(), shopId, 'tiny')).toMatchObject({ attention: null })
    await drain({}, { sender })
    expect(await delivery(1)).toMatchObject({ state: 'delivered', attempts: 2 })
  })

  it('rests after failures in a row instead of trying everything', async () => {
    for (let n = 0; n < 10; n++) await keep(n)
    await drain(reading({ kind: 'retry', ...words }))
    expect(sent).toHaveLength(3)
    const row = await connectionRow(pool(), shopId, 'tiny')
    expect(row?.paused_until?.getTime()).toBeGreaterThan(Date.now())
    expect(signals).toEqual([row?.paused_until])
  })

  it('pauses the whole lane for an announced limit, however far away, and at least a moment', async () => {
    const year = new Date(Date.now() + 365 * 86_400_000)
    for (const notBefore of [year, new Date(0)]) {
      await pool().query('update connections set paused_until = null')
      await keep(notBefore === year ? 1 : 2)
      await drain(reading({ kind: 'retry', wholeLane: true, notBefore, ...words }))
      const row = await connectionRow(pool(), shopId, 'tiny')
      expect(row?.paused_until?.getTime()).toBeGreaterThan(Date.now())
      expect(row?.paused_until?.getTime()).toBeLessThanOrEqual(Date.now() + 72 * 3_600_000)
    }
    expect(sent).toHaveLength(2)
  })

  it('stops at refused credentials and holds what waits', async () => {
    for (let n = 0; n < 5; n++) await keep(n)
    await drain(reading({ kind: 'refused', ...words }))
    expect(sent).toHaveLength(1)
    for (const n of [0, 4]) expect(await delivery(n)).toMatchObject({ state: 'held', reason: 'refused' })
    expect(await connectionRow(pool(), shopId, 'tiny')).toMatchObject({ attention: words.merchant })
    await drain()
    expect(sent).toHaveLength(1)
  })

  it('sends nothing in a lane that is off, and stops between two requests when it is switched off', async () => {
    await keep(1)
    await keep(2)
    await drain(
      {},
      {
        sender: {
          close: async () => {},
          send: async request => {
            sent.push(request)
            await switchLane(pool(), lane(), false)
            return { answer: answer(200) }
          },
        },
      },
    )
    expect(sent).toHaveLength(1)
    expect(await delivery(1)).toMatchObject({ state: 'delivered' })
    expect(await delivery(2)).toMatchObject({ state: 'held', reason: 'off' })
  })

  it('neither stores nor logs the credentials that a vendor repeats', async () => {
    await keep(1)
    const echo = `the key ${TINY_SETTINGS.apiKey} is odd`
    await drain(reading({ kind: 'dead', reason: 'rejected', merchant: echo, log: echo }))
    const attempts = await pool().query('select message, log from attempts')
    expect(attempts.rows).toEqual([{ message: 'the key …6789 is odd', log: 'the key …6789 is odd' }])
    expect(await delivery(1)).toMatchObject({ state: 'dead', message: 'the key …6789 is odd' })
    expect(lines.join()).toContain('is odd')
    expect(lines.join()).not.toContain(TINY_SETTINGS.apiKey)
  })

  it('condemns alone an event that cannot be read', async () => {
    await keep(1)
    await keep(2)
    await pool().query(`update events set data = '{}' where id = $1`, [eventId(1)])
    await drain()
    expect(await delivery(1)).toMatchObject({ state: 'dead', reason: 'not_plannable' })
    expect(await delivery(2)).toMatchObject({ state: 'delivered' })
  })

  it('waits a while for an order that is not known, and then leaves it', async () => {
    const unknown = { fill: async () => [{ orderUnknown: true as const }] }
    await keep(1)
    await pool().query('update events set received_at = now()')
    await drain({}, unknown)
    expect(await delivery(1)).toMatchObject({ state: 'retry', reason: 'order_unknown', attempts: 0 })
    await pool().query(`update events set received_at = now() - interval '1 hour'`)
    await pool().query('update deliveries set due_at = now()')
    await drain({}, unknown)
    expect(await delivery(1)).toMatchObject({ state: 'skipped', reason: 'order_unknown' })
    expect(sent).toEqual([])
  })

  it('holds the lane when its settings no longer fit', async () => {
    await keep(1)
    await pool().query(`update connections set settings = '{"region":"moon"}'`)
    await drain()
    expect(await delivery(1)).toMatchObject({ state: 'held', message: expect.stringContaining('region') })
  })
})

describe('steps', () => {
  const two = {
    plan: (list: readonly Planned[]) => ({
      steps: list.flatMap(({ event, done }) =>
        ['first', 'second'].filter(name => !done.includes(name)).map(name => tinyStep(event, name)),
      ),
      skips: [],
    }),
  }

  it('go in order, and the delivery is done with the last', async () => {
    await keep(1)
    await drain(two)
    expect(sent).toHaveLength(2)
    expect(await delivery(1)).toMatchObject({ state: 'delivered', done: ['first', 'second'] })
  })

  it('end at the first that fails, and those done are not sent again', async () => {
    await keep(1)
    await drain({ ...two, ...reading({ kind: 'delivered' }, { kind: 'retry', ...words }) })
    expect(await delivery(1)).toMatchObject({ state: 'retry', done: ['first'], attempts: 1 })
    await pool().query('update deliveries set due_at = now()')
    await drain(two)
    expect(sent).toHaveLength(3)
    expect(await delivery(1)).toMatchObject({ state: 'delivered', attempts: 2 })
  })

  it('are planned again with what an answer taught, and not for ever', async () => {
    const seen: (readonly string[])[] = []
    const learning = {
      plan: (list: readonly Planned[]) => {
        seen.push(...list.map(({ learned }) => learned))
        return { steps: list.map(({ event }) => tinyStep(event)), skips: [] }
      },
    }
    await keep(1)
    await drain({
      ...learning,
      ...reading({ kind: 'learned', fact: 'missing', ...words }, { kind: 'delivered' }),
    })
    expect(seen).toEqual([[], ['missing']])
    expect(await delivery(1)).toMatchObject({ state: 'delivered', attempts: 1 })
    await keep(2)
    await drain(reading({ kind: 'learned', fact: 'missing', ...words }))
    expect(await delivery(2)).toMatchObject({ state: 'retry', attempts: 1 })
  })

  it('whose answer cannot be read are tried again', async () => {
    await keep(1)
    await drain({
      read: () => {
        throw new TypeError('jane@example.com')
      },
    })
    expect(await delivery(1)).toMatchObject({ state: 'retry' })
    expect(lines.join()).not.toContain('jane')
  })
})
