/** What a recorder keeps when the database is away, and when one of many recordings cannot be kept. */
import type { Pool } from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../log.ts'
import type { Reading } from '../vendors/vendor.ts'
import { connectionRow } from './connections.ts'
import { switchLane } from './lane-state.ts'
import { createRecorder } from './record.ts'
import type { Recording } from './record-rows.ts'
import { deliveryOf, eventId, keepMany } from './testing.ts'
import { recordingAt } from './testing-record.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops

const COUNT = 100
let lines: string[]
const log = () => createLog('trace', { write: line => void lines.push(line) })

beforeEach(async () => {
  lines = []
  await connect()
  await keepMany(pool(), shops.one, COUNT, 'pending')
})

const recording = (n: number, reading?: Reading) => recordingAt(lane(), n, reading)
const away = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
const conflict = () => Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' })

type Fails = { conflicts?: number; connects?: number; answersLost?: number }
/**
 * The pool, whose first statements meet a lock, to which the first so many connections after that fail, or of whose first
 * statements only the answer is lost.
 */
function failing({ conflicts = 0, connects = 0, answersLost = 0 }: Fails): Pool {
  const left = { conflicts, connects, answersLost }
  const reached = () => {
    if (left.conflicts-- > 0) throw conflict()
    if (left.connects-- > 0) throw away()
  }
  const connect = async () => {
    reached()
    return pool().connect()
  }
  const query = async (...given: Parameters<Pool['query']>) => {
    reached()
    const result = await pool().query(...given)
    if (left.answersLost-- > 0) throw away()
    return result
  }
  const instead: Record<PropertyKey, unknown> = { connect, query }
  return new Proxy(pool(), { get: (target, name) => instead[name] ?? Reflect.get(target, name) })
}
const count = async (table: string, where = 'true') =>
  (await pool().query(`select count(*)::int as n from ${table} where ${where}`)).rows[0].n

describe('a recorder whose database is away', () => {
  it('waits, and records once when it is back', async () => {
    const recorder = createRecorder(failing({ connects: 2 }), log())
    await recorder.record(recording(1))
    expect(await deliveryOf(pool(), shops.one, eventId(1))).toMatchObject({ state: 'delivered', attempts: 1 })
    expect([await count('exchanges'), await count('attempts')]).toEqual([1, 1])
    expect(lines.filter(line => line.includes('not recorded yet'))).toHaveLength(2)
  })

  it('records all that gathered meanwhile', async () => {
    const recorder = createRecorder(failing({ connects: 3 }), log())
    await Promise.all(Array.from({ length: COUNT }, (_, n) => recorder.record(recording(n))))
    expect(await count('deliveries', `state = 'delivered' and attempts = 1`)).toBe(COUNT)
    expect(await count('exchanges')).toBe(COUNT)
  })

  it('does not count twice what was committed though nobody heard of it', async () => {
    const recorder = createRecorder(failing({ answersLost: 2 }), log())
    await recorder.record(recording(1))
    expect(await deliveryOf(pool(), shops.one, eventId(1))).toMatchObject({
      state: 'delivered',
      attempts: 1,
      done: ['event'],
    })
    expect([await count('exchanges'), await count('attempts')]).toEqual([1, 1])
  })

  it('waits as well with what had met a lock', async () => {
    const recorder = createRecorder(failing({ conflicts: 2, connects: 2 }), log())
    await recorder.record(recording(1))
    expect(await deliveryOf(pool(), shops.one, eventId(1))).toMatchObject({ state: 'delivered', attempts: 1 })
    expect([await count('exchanges'), await count('attempts')]).toEqual([1, 1])
  })

  it('stops a lane that was refused all the same', async () => {
    const recorder = createRecorder(failing({ connects: 2 }), log())
    const sealed = (await connectionRow(pool(), shops.one, 'tiny'))?.secrets ?? ''
    const refused = recording(1, { kind: 'refused', merchant: 'Wrong key.', log: '401' })
    await recorder.recordRefusal(lane(), refused, 'Wrong key.', sealed)
    expect(await connectionRow(pool(), shops.one, 'tiny')).toMatchObject({ attention: 'Wrong key.' })
    expect(await count('deliveries', `state = 'held' and reason = 'refused'`)).toBe(COUNT)
    expect(await count('exchanges')).toBe(1)
  })
})

describe('a recording that cannot be kept', () => {
  const poisoned = (n: number): Recording => {
    const given = recording(n)
    return { ...given, deliveries: given.deliveries.map(row => ({ ...row, event_id: 'no id' })) }
  }

  it('fails alone: the others of its group are kept', async () => {
    const recorder = createRecorder(pool(), log())
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => recorder.record(n === 20 ? poisoned(n) : recording(n))),
    )
    expect(results.flatMap(({ status }, n) => (status === 'rejected' ? n : []))).toEqual([20])
    expect(await count('deliveries', `state = 'delivered'`)).toBe(39)
    expect(await deliveryOf(pool(), shops.one, eventId(20))).toMatchObject({ state: 'pending', attempts: 0 })
    expect(await count('exchanges')).toBe(39)
  })

  it('for what was sent or said keeps at least what became of its delivery: it must not be sent again', async () => {
    const recorder = createRecorder(pool(), log())
    const given = recording(1)
    await recorder.record({ ...given, exchanges: given.exchanges.map(row => ({ ...row, id: 'no id' })) })
    expect(await deliveryOf(pool(), shops.one, eventId(1))).toMatchObject({ state: 'delivered', attempts: 1 })
    expect(lines.some(line => line.includes('cannot be kept'))).toBe(true)
  })

  it('is given up at once: waiting would not help', async () => {
    const recorder = createRecorder(pool(), log())
    await expect(recorder.record(poisoned(1))).rejects.toThrow()
    expect(lines.filter(line => line.includes('not recorded yet'))).toEqual([])
  })
})

describe('recordings of one delivery at the same moment', () => {
  it('are kept one after the other', async () => {
    const recorder = createRecorder(pool(), log())
    await Promise.all([0, 1, 2, 3].map(() => recorder.record(recording(1))))
    expect(await deliveryOf(pool(), shops.one, eventId(1))).toMatchObject({
      state: 'delivered',
      done: ['event'],
    })
    expect(await count('exchanges')).toBe(4)
  })
})

describe('recording while the lane is switched off and on', () => {
  it('loses nothing to a deadlock: whoever PostgreSQL ends tries again', async () => {
    await pool().query(
      'update deliveries set priority = 1 where event_id in (select event_id from deliveries order by event_id limit 50)',
    )
    const recorder = createRecorder(pool(), log())
    const all = Array.from({ length: COUNT }, (_, n) => recording(n))
    const together: Recording = {
      exchanges: [],
      memories: [],
      deliveries: all.flatMap(({ deliveries }) => deliveries).reverse(),
    }
    let switching = true
    const person = (async () => {
      while (switching) for (const on of [false, true]) await switchLane(pool(), lane(), on).catch(() => {})
    })()
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => recorder.record(together)))
    switching = false
    await person
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([])
    expect(await count('deliveries', `state = 'delivered'`)).toBe(COUNT)
  })
})
