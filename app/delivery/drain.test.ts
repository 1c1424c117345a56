import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { NOBODY } from '../events/store-event.ts'
import { createLog } from '../log.ts'
import { answer } from '../vendors/testing.ts'
import type { Planned, Reading, Vendor, VendorRequest } from '../vendors/vendor.ts'
import { connectionRow, saveConnection } from './connections.ts'
import { type DrainContext, drainLane } from './drain.ts'
import type { Gate } from './gate/gate.ts'
import { limit } from './gate/testing.ts'
import type { Lane } from './lane.ts'
import { switchLane } from './lane-state.ts'
import type { Sender } from './send.ts'
import {
  deliveryOf,
  drainContext,
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
let ahead: number
const pool = () => test.database.pool
const lane = () => ({ shopId, vendor: 'tiny' })
const delivery = (n: number) => deliveryOf(pool(), shopId, eventId(n))
/** Each of a person of its own: events of one person go one after another. */
const keep = (n: number, over = {}) =>
  keepDelivery(pool(), shopId, over, {
    id: eventId(n),
    source: 'webhook',
    actor: { ...NOBODY, email: `buyer-${n}@example.com` },
  })

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
afterEach(() => {
  vi.restoreAllMocks()
})
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  await saveConnection(test.database.prisma, sealer, shopId, tinyVendor(), TINY_SETTINGS)
  sent = []
  signals = []
  lines = []
  ahead = 0
  const start = Math.floor(performance.now())
  vi.spyOn(performance, 'now').mockImplementation(() => start + ahead)
})

/** Drains the lane with a vendor that differs as given; every request is answered 200. */
async function drain(
  over: Partial<Vendor<TinySettings>> = {},
  context: Partial<DrainContext> = {},
  lost: AbortSignal = new AbortController().signal,
) {
  const log = createLog('trace', { write: line => void lines.push(line) })
  const engine = { signal: async (_lane: Lane, { at }: { at?: Date } = {}) => void signals.push(at) }
  const given = { sender: senderOf(async () => {}), engine, log, ...context }
  await drainLane(drainContext(pool(), [tinyVendor(over)], given), lane(), lost)
}
/** Notes every request, does what is given, and answers 200. */
const senderOf = (meanwhile: () => Promise<unknown>): Sender => ({
  close: async () => {},
  async send(request) {
    sent.push(request)
    await meanwhile()
    return { answer: answer(200) }
  },
})
/** Lets the time of turns pass, which stands still otherwise: nothing else of a drain without limits looks at that clock. */
function pass(ms: number) {
  ahead += ms
}
/** The readings in turn, the last one from then on. */
const reading = (...list: Reading[]): Partial<Vendor<TinySettings>> => {
  let n = 0
  return { read: () => list[Math.min(n++, list.length - 1)] ?? { kind: 'delivered' } }
}
const words = { merchant: 'Tiny said so.', log: 'tiny said so' }

/** Asks for one permit at a time. */
const onePermitEach = (gate: Gate): Gate => ({ ask: (lane, asking) => gate.ask(lane, asking, 1) })

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
    for (let n = 0; n < 4; n++) await keep(n)
    const read = () => {
      pass(600)
      return { kind: 'delivered' as const }
    }
    await drain({ read })
    expect(sent).toHaveLength(2)
    expect(signals).toEqual([undefined])
  })

  it('finishes what an answer taught though its turn is over, instead of learning it again each turn', async () => {
    for (let n = 0; n < 2; n++) await keep(n)
    const answers: Reading[] = [{ kind: 'learned', fact: 'x', ...words }, { kind: 'delivered' }]
    const read = () => {
      pass(25_000)
      return answers.shift() ?? { kind: 'delivered' }
    }
    await drain({ read })
    expect(sent).toHaveLength(2)
    expect(await delivery(0)).toMatchObject({ state: 'delivered', attempts: 1 })
    expect(await delivery(1)).toMatchObject({ state: 'pending', attempts: 0 })
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
    const sender = senderOf(async () => {
      if (sent.length === 1) await saveConnection(test.database.prisma, sealer, shopId, tinyVendor(), other)
    })
    await drain(reading({ kind: 'refused', ...words }, { kind: 'delivered' }), { sender })
    expect(await connectionRow(pool(), shopId, 'tiny')).toMatchObject({ attention: null })
    await drain({}, { sender })
    expect(sent).toHaveLength(2)
    expect(await delivery(1)).toMatchObject({ state: 'delivered', attempts: 2 })
  })

  it('rests after failures instead of trying everything', async () => {
    for (let n = 0; n < 20; n++) await keep(n)
    // A vendor takes some time over each request, and the circuit opens beside them.
    const sender = senderOf(async () => {
      while (sent.length > 5 && (await pool().query('select 1 from circuits')).rowCount === 0);
    })
    await drain(reading({ kind: 'retry', ...words }), { sender })
    expect(sent.length).toBeLessThan(10)
    const row = await connectionRow(pool(), shopId, 'tiny')
    expect(row?.paused_until?.getTime()).toBeGreaterThan(Date.now())
    expect(signals).toEqual([row?.paused_until])
    expect(await delivery(19)).toMatchObject({ state: 'pending', attempts: 0 })
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

  it('sends nothing in a lane that is off, and holds what is open in it', async () => {
    await keep(1)
    await pool().query('update connections set enabled = false')
    await drain()
    expect(sent).toEqual([])
    expect(await delivery(1)).toMatchObject({ state: 'held', reason: 'off' })
  })

  it('stops between two requests when it is switched off, half a second later at the latest', async () => {
    for (let n = 1; n <= 4; n++) await keep(n)
    const sender = senderOf(async () => {
      if (sent.length === 1) await switchLane(pool(), lane(), false)
      else pass(501)
    })
    await drain({}, { sender })
    expect(sent).toHaveLength(2)
    expect(await delivery(2)).toMatchObject({ state: 'delivered' })
    expect(await delivery(3)).toMatchObject({ state: 'held', reason: 'off' })
  })

  it('sends nothing once it was switched off, or taken by another, while it waited for a permit, and leaves that to others', async () => {
    const limits = () => ({ limits: [limit(1)], batch: 1, concurrency: 1 })
    for (const change of ['enabled = false', 'turn = turn + 1']) {
      await keep(1)
      const { gate } = drainContext(pool(), [])
      let again = async (): Promise<unknown> => null
      const slow: Gate = {
        async ask(...given) {
          again = () => gate.ask(...given)
          await pool().query(`update connections set ${change}`)
          pass(501)
          return gate.ask(...given)
        },
      }
      await drain({ limits }, { gate: slow })
      expect(sent).toEqual([])
      expect(await again()).toMatchObject({ kind: 'go' })
      await pool().query('truncate allowances')
      await pool().query('update connections set enabled = true')
      await pool().query('truncate deliveries, events, event_keys')
    }
  })

  it('keeps what was answered and sends no more when something fails beside it', async () => {
    for (let n = 0; n < 6; n++) await keep(n)
    const gate = drainContext(pool(), []).gate
    let asked = 0
    const failing: Gate = {
      async ask(...given) {
        asked += 1
        if (asked > 2) throw new Error('the gate fails')
        return gate.ask(...given)
      },
    }
    let release = () => {}
    const held = new Promise<void>(done => (release = done))
    const slow = senderOf(() => held)
    const limits = () => ({ limits: [], batch: 1, concurrency: 3 })
    const draining = drain({ limits }, { gate: onePermitEach(failing), sender: slow })
    await expect.poll(() => asked).toBe(3)
    release()
    await expect(draining).rejects.toThrow('the gate fails')
    expect(sent).toHaveLength(2)
    for (const n of [0, 1]) expect(await delivery(n)).toMatchObject({ state: 'delivered', attempts: 1 })
    for (const n of [2, 5]) expect(await delivery(n)).toMatchObject({ state: 'pending', attempts: 0 })
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
    await drain({}, unknown)
    expect(await delivery(1)).toMatchObject({ state: 'retry', reason: 'order_unknown', attempts: 0 })
    await pool().query(`update deliveries set created_at = now() - interval '1 hour'`)
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
