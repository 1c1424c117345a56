import type { Pool } from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import type { DueDeliveries } from './due.ts'
import { readAlong } from './reading.ts'
import { eventId, keepDelivery, sealer } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { lane, pool } = shops
let asked: number
/** The pool, whose statements are counted. */
const counting = (): Pool =>
  new Proxy(pool(), {
    get(target, name) {
      if (name === 'query') asked++
      return Reflect.get(target, name)
    },
  })
const keep = (n: number, over: Parameters<typeof keepDelivery>[2] = {}) =>
  keepDelivery(pool(), shops.one, over, { id: eventId(n) })
const idsOf = ({ due }: DueDeliveries) => due.map(({ event }) => event.id)
const reader = () => readAlong(counting(), sealer, lane(), eventId(1))

beforeEach(async () => {
  asked = 0
})

describe('reading along a lane', () => {
  it('goes on where it was, though what was read is still due', async () => {
    for (const n of [1, 2, 3, 4, 5]) await keep(n)
    const reading = reader()
    expect(idsOf(await reading.next(2))).toEqual([1, 2].map(eventId))
    expect(idsOf(await reading.next(2))).toEqual([3, 4].map(eventId))
    expect(idsOf(await reading.next(2))).toEqual([eventId(5)])
  })

  it('begins anew at the end, for what has become due behind it', async () => {
    for (const n of [1, 2, 3]) await keep(n)
    const reading = reader()
    await reading.next(2)
    await pool().query(`update deliveries set state = 'delivered' where event_id <= $1`, [eventId(3)])
    await keep(0, { state: 'retry' })
    expect(idsOf(await reading.next(2))).toEqual([])
    expect(idsOf(await reading.next(2))).toEqual([eventId(0)])
  })

  it('reads ahead once, after a full round', async () => {
    for (const n of [1, 2, 3]) await keep(n)
    const reading = reader()
    await reading.next(2)
    reading.ahead(2)
    reading.ahead(2)
    expect(asked).toBe(2)
    expect(idsOf(await reading.next(2))).toEqual([eventId(3)])
    reading.ahead(2)
    expect(asked).toBe(2)
  })

  it('tells of a failure ahead when it is asked, and not before', async () => {
    for (const n of [1, 2]) await keep(n)
    let broken = false
    const failing = new Proxy(pool(), {
      get: (target, name) =>
        name === 'query' && broken
          ? async () => Promise.reject(new Error('no answer'))
          : Reflect.get(target, name),
    })
    const reading = readAlong(failing, sealer, lane(), eventId(1))
    await reading.next(2)
    broken = true
    reading.ahead(2)
    await new Promise(setImmediate)
    await expect(reading.next(2)).rejects.toThrow('no answer')
    await reading.end()
  })
})
