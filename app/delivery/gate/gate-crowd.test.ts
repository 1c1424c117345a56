/** Many at once: two processes' worth of gates on one key, by the database's own clock; and a thousand lanes on one address. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../db/database.ts'
import { type TestDatabase, testDatabase } from '../../db/testing.ts'
import { createLog } from '../../log.ts'
import { answer } from '../../vendors/testing.ts'
import type { Limit } from '../../vendors/vendor.ts'
import { tinyVendor } from '../testing.ts'
import { type Asking, createGate, type Gate } from './gate.ts'

const log = createLog('silent')
let test: TestDatabase
let other: Database

beforeAll(async () => {
  test = await testDatabase()
  other = openDatabase(test.url)
})
afterAll(async () => {
  await other.close()
  await test.drop()
})

const asking = (limits: Limit[], secret: string): Asking => ({
  vendor: tinyVendor({ limits: () => ({ limits, batch: 1, concurrency: 1 }) }),
  settings: {},
  secrets: [secret],
})

describe('two gates hammering one key', () => {
  it('never send more than the limit in any window, and nearly as much as it allows', async () => {
    const requests = 10
    const windowMs = 200
    const limits: Limit[] = [{ scope: 'key', requests, windowSeconds: windowMs / 1000 }]
    const gates = [test.database, other].map(({ pool }) => createGate({ pool, log, address: 'one' }))
    const arrivals: number[] = []
    const hammer = async (gate: Gate, shopId: number) => {
      while (arrivals.length < 100) {
        const asked = await gate.ask({ shopId, vendor: 'tiny' }, asking(limits, 'hammered'), 3)
        if (asked.kind === 'wait') continue
        while (asked.take()) {
          arrivals.push(performance.now())
          await Promise.resolve()
          asked.answered({ answer: answer(200), failed: false })
        }
        await asked.close()
      }
    }
    const started = performance.now()
    await Promise.all(gates.flatMap((gate, g) => [1, 2, 3].map(lane => hammer(gate, 10 * g + lane))))
    arrivals.sort((a, b) => a - b)
    const tightest = arrivals.slice(requests).map((at, i) => at - (arrivals[i] ?? 0))
    expect(Math.min(...tightest)).toBeGreaterThanOrEqual(windowMs)
    expect(performance.now() - started).toBeLessThan(4 * (arrivals.length / requests) * windowMs + 2_000)
  })
})

describe('a thousand lanes on one address', () => {
  it('are served in their order, each after a few calls', async () => {
    let now = Date.parse('2026-11-20T12:00:00.000Z')
    const { pool } = test.database
    const gate = createGate({ pool, log, address: 'crowded', now: () => now })
    const limits: Limit[] = [{ scope: 'address', requests: 5, windowSeconds: 5 }]
    const lanes = 1_000
    const served: number[] = []
    let asks = 0
    /** When each lane comes, as it was told. */
    const told = new Map(Array.from({ length: lanes }, (_, i) => [i + 1, now + i]))
    const answering: { at: number; done: () => Promise<void> }[] = []
    while (told.size > 0) {
      const [lane, at] = [...told].reduce((first, each) => (each[1] < first[1] ? each : first))
      for (let next = answering[0]; next && next.at <= at; next = answering[0]) {
        now = Math.max(now, next.at)
        answering.shift()
        await next.done()
      }
      now = Math.max(now, at)
      asks += 1
      const asked = await gate.ask({ shopId: lane, vendor: 'tiny' }, asking(limits, `${lane}`), 4)
      if (asked.kind === 'wait') {
        expect(asked.until.getTime()).toBeGreaterThan(now)
        told.set(lane, asked.until.getTime())
        continue
      }
      told.delete(lane)
      served.push(lane)
      asked.take()
      const done = () => {
        asked.answered({ answer: answer(200), failed: false })
        return asked.close()
      }
      answering.push({ at: now + 80, done })
    }
    for (const { done } of answering) await done()
    expect(served).toHaveLength(lanes)
    const displaced = served.map((lane, place) => Math.abs(lane - (place + 1)))
    // Rounds take a little longer than a window, so who is far behind comes early now and then and finds a free permit.
    expect(Math.max(...displaced)).toBeLessThan(0.1 * lanes)
    expect(asks).toBeLessThan(5 * lanes)
    const seconds = (now - Date.parse('2026-11-20T12:00:00.000Z')) / 1000
    expect(seconds).toBeLessThan(1.1 * lanes)
  }, 120_000)
})
