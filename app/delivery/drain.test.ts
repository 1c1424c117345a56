import { describe, expect, it } from 'vitest'
import type { Planned, Reading } from '../vendors/vendor.ts'
import type { Gate } from './gate/gate.ts'
import { drainContext, eventId, TINY_SETTINGS, tinyStep } from './testing.ts'
import { drainedLane, reading, words } from './testing-drain.ts'

const { sent, signals, lines, pool, senderOf, delivery, keep, drain, pass } = drainedLane()

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
