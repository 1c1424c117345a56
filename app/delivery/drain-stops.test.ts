import { describe, expect, it } from 'vitest'
import { createSealer } from '../secrets/seal.ts'
import type { Reading } from '../vendors/vendor.ts'
import { openConnections } from './connection-cache.ts'
import { connectionRow, secretsContext } from './connections.ts'
import type { Gate } from './gate/gate.ts'
import { limit } from './gate/testing.ts'
import { settleLane, startHold, switchLane } from './lane-state.ts'
import { drainContext, keepMany, TINY_SETTINGS, tinyVendor } from './testing.ts'
import { drainedLane, reading, words } from './testing-drain.ts'

const { sent, signals, pool, lane, connect, senderOf, delivery, keep, drain, pass } = drainedLane()

/** Who stops a lane, and why its deliveries are held then. */
const STOPS = [
  ['is switched off', 'off', () => switchLane(pool(), lane(), false)],
  [
    'is held by support',
    'on_hold',
    async () => {
      await startHold(pool(), lane(), { reason: 'Their servers are down.', until: null })
      await settleLane(pool(), lane())
    },
  ],
] as const

describe('a lane that must wait or stop, drained,', () => {
  it('refused with credentials that were replaced meanwhile tries again with the new ones', async () => {
    await keep(1)
    const other = { ...TINY_SETTINGS, apiKey: 'tiny-key-9876543210' }
    const sender = senderOf(async () => {
      if (sent.length === 1) await connect(other)
    })
    await drain(reading({ kind: 'refused', ...words }, { kind: 'delivered' }), { sender })
    expect(await connectionRow(pool(), lane().shopId, 'tiny')).toMatchObject({ attention: null })
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
    const row = await connectionRow(pool(), lane().shopId, 'tiny')
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
      const row = await connectionRow(pool(), lane().shopId, 'tiny')
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
    expect(await connectionRow(pool(), lane().shopId, 'tiny')).toMatchObject({ attention: words.merchant })
    await drain()
    expect(sent).toHaveLength(1)
  })

  it.each([
    ['off', 'enabled = false'],
    ['on_hold', "hold_reason = 'Their servers are down.'"],
  ])('sends nothing in a lane that is %s, and holds what is open in it', async (reason, change) => {
    await keep(1)
    await pool().query(`update connections set ${change}`)
    await drain()
    expect(sent).toEqual([])
    expect(await delivery(1)).toMatchObject({ state: 'held', reason })
  })

  it.each([
    ['that is off', 'enabled = false'],
    ['whose credentials cannot be opened', "secrets = 'of another key'"],
  ])(
    'holds what is open in a lane %s for no longer than a turn, and is woken for the rest',
    async (_, stopped) => {
      await keepMany(pool(), lane().shopId, 4_500, 'pending')
      await pool().query(`update connections set ${stopped}`)
      const slow = Object.assign(Object.create(pool()), {
        // A transaction's; a statement by itself gives a callback.
        connect: (...given: unknown[]) => {
          if (given.length === 0) pass(600)
          return Reflect.apply(pool().connect, pool(), given)
        },
      })
      await drain({}, { pool: slow })
      expect(signals).toEqual([undefined])
      const states = () => pool().query('select state, count(*)::int from deliveries group by 1 order by 1')
      expect((await states()).rows).toEqual([
        { state: 'held', count: 4_000 },
        { state: 'pending', count: 500 },
      ])
      await drain()
      expect((await states()).rows).toEqual([{ state: 'held', count: 4_500 }])
    },
  )

  it('is left as it is by a process that has not the key it is sealed with: its merchants were told to enter theirs again', async () => {
    await keep(1)
    const another = createSealer([{ id: 'another', bytes: Buffer.alloc(32, 1) }])
    const sealed = another.seal(JSON.stringify(TINY_SETTINGS), secretsContext(lane().shopId, 'tiny'))
    await pool().query('update connections set secrets = $1', [sealed])
    await drain()
    expect(sent).toEqual([])
    expect(await delivery(1)).toMatchObject({ state: 'pending', attempts: 0 })
    expect(await connectionRow(pool(), lane().shopId, 'tiny')).toMatchObject({ attention: null })
    expect(signals).toEqual([expect.any(Date)])
    const open = openConnections(createSealer([{ id: 'another', bytes: Buffer.alloc(32, 1) }]), [
      tinyVendor(),
    ])
    await drain({}, { open })
    expect(await delivery(1)).toMatchObject({ state: 'delivered' })
  })

  it.each(STOPS)(
    'stops between two requests when it %s, half a second later at the latest',
    async (_, reason, stop) => {
      for (let n = 1; n <= 4; n++) await keep(n)
      const sender = senderOf(async () => {
        if (sent.length === 1) await stop()
        else pass(501)
      })
      await drain({}, { sender })
      expect(sent).toHaveLength(2)
      expect(await delivery(2)).toMatchObject({ state: 'delivered' })
      expect(await delivery(3)).toMatchObject({ state: 'held', reason })
    },
  )

  it('sends nothing once it was switched off, held by support, or taken by another, while it waited for a permit, and leaves that to others', async () => {
    const limits = () => ({ limits: [limit(1)], batch: 1, concurrency: 1 })
    for (const change of ['enabled = false', "hold_reason = 'Their servers are down.'", 'turn = turn + 1']) {
      await keep(1)
      const { gate } = drainContext(pool(), [])
      let again = async (): Promise<unknown> => null
      let waited = false
      const slow: Gate = {
        async ask(...given) {
          again = () => gate.ask(...given)
          await pool().query(`update connections set ${change}`)
          if (!waited) pass(501)
          waited = true
          return gate.ask(...given)
        },
      }
      await drain({ limits }, { gate: slow })
      expect(sent).toEqual([])
      expect(await again()).toMatchObject({ kind: 'go' })
      await pool().query('truncate allowances')
      await pool().query('update connections set enabled = true, hold_reason = null')
      await pool().query('truncate deliveries, events, event_keys')
    }
  })

  it('that was taken by another sends nothing more once it was noticed, though its second is not over', async () => {
    for (let n = 1; n <= 6; n++) await keep(n)
    const sender = senderOf(async () => {
      if (sent.length !== 1) return
      await pool().query('update connections set turn = turn + 1')
      pass(501)
    })
    await drain(undefined, { sender })
    expect(sent).toHaveLength(1)
    expect(await delivery(2)).toMatchObject({ state: 'pending' })
  })

  it.each(STOPS)('that %s sends nothing of what was read ahead', async (_, reason, stop) => {
    for (let n = 0; n < 150; n++) await keep(n)
    const sender = senderOf(async () => {
      if (sent.length !== 80) return
      await stop()
      pass(501)
    })
    await drain(undefined, { sender })
    expect(sent).toHaveLength(80)
    expect(await delivery(149)).toMatchObject({ state: 'held', reason })
  })

  it.each(STOPS)('that %s asks for no more permits', async (_, __, stop) => {
    for (let n = 0; n < 30; n++) await keep(n)
    const { gate } = drainContext(pool(), [])
    let asked = 0
    const counting: Gate = {
      ask(...given) {
        asked++
        return gate.ask(...given)
      },
    }
    // Twenty are given at once.
    const sender = senderOf(async () => {
      if (sent.length !== 20) return
      await stop()
      pass(501)
    })
    await drain(undefined, { sender, gate: counting })
    expect([sent.length, asked]).toEqual([20, 1])
  })

  it('whose credentials are refused sends nothing of what was read ahead', async () => {
    for (let n = 0; n < 150; n++) await keep(n)
    const answers: Reading[] = Array.from({ length: 79 }, () => ({ kind: 'delivered' }))
    await drain(reading(...answers, { kind: 'refused', ...words }))
    expect(sent).toHaveLength(80)
    expect(await delivery(149)).toMatchObject({ state: 'held', reason: 'refused' })
  })

  it('holds the lane when its settings no longer fit', async () => {
    await keep(1)
    await pool().query(`update connections set settings = '{"region":"moon"}'`)
    await drain()
    expect(await delivery(1)).toMatchObject({ state: 'held', message: expect.stringContaining('region') })
  })
})
