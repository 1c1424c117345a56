/** Recordings that meet what another transaction holds: they are kept when it is through, and hold up no others. */
import type { Pool, PoolClient } from 'pg'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { openPool } from '../db/database.ts'
import { createLog } from '../log.ts'
import { createRecorder, type Recorder } from './record.ts'
import type { Recording } from './record-rows.ts'
import { eventId, keepMany, settledOrBlocked } from './testing.ts'
import { recordingAt } from './testing-record.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool, url } = shops

let lines: string[]
const log = () => createLog('trace', { write: line => void lines.push(line) })
const count = async (table: string, where = 'true') =>
  (await pool().query(`select count(*)::int as n from ${table} where ${where}`)).rows[0].n

beforeEach(async () => {
  lines = []
  for (const shop of [shops.one, shops.two]) {
    await connect(shop)
    await keepMany(pool(), shop, 64, 'pending')
  }
})

/** Runs `work` with a recorder of its own pool while a transaction of another process holds what `statement` locks. */
async function whileLocked(
  statement: string,
  work: (recorder: Recorder, holder: PoolClient, own: Pool) => Promise<void>,
  lockTimeoutMs = 250,
): Promise<void> {
  const holder = await pool().connect()
  const own = openPool(url(), { max: 3, lockTimeoutMs })
  try {
    await holder.query('begin')
    await holder.query(statement)
    await work(createRecorder(own, log()), holder, own)
  } finally {
    holder.release(true)
    await own.end()
  }
}
const recordAll = (recorder: Recorder, from: number, to: number, of = lane()) =>
  Array.from({ length: to - from }, (_, n) => recorder.record(recordingAt(of, from + n)))
const delivered = (of: number) =>
  count('deliveries', `state = 'delivered' and attempts = 1 and shop_id = ${of}`)

describe('recordings whose deliveries are locked', () => {
  it.each([1, 32])('do not hold up those of other shops, be they %i, and are kept then', async many => {
    const lock = `select from deliveries where shop_id = ${shops.one} for update`
    await whileLocked(lock, async (recorder, holder) => {
      const mine = recordAll(recorder, 0, many)
      await settledOrBlocked(pool(), Promise.all(mine))
      await Promise.all(recordAll(recorder, 0, 20, lane(shops.two)))
      expect([await delivered(shops.two), await delivered(shops.one)]).toEqual([20, 0])
      await holder.query('commit')
      await Promise.all(mine)
      expect(await delivered(shops.one)).toBe(many)
      expect(await count('exchanges')).toBe(many + 20)
    })
  })

  it('do not hold up the others of their group', async () => {
    const lock = `select from deliveries where shop_id = ${shops.one} and event_id < '${eventId(32)}' for update`
    await whileLocked(lock, async (recorder, holder) => {
      const mine = recordAll(recorder, 0, 32)
      await Promise.all(recordAll(recorder, 32, 64))
      expect(await delivered(shops.one)).toBe(32)
      await holder.query('commit')
      await Promise.all(mine)
      expect(await delivered(shops.one)).toBe(64)
    })
  })

  it('are tried together with others once, and then alone until the lock goes', async () => {
    const lock = `select from deliveries where shop_id = ${shops.one} and event_id = '${eventId(0)}' for update`
    await whileLocked(lock, async (recorder, holder, own) => {
      const together = vi.spyOn(own, 'query')
      const mine = recorder.record(recordingAt(lane(), 0))
      const waits = () => lines.filter(line => line.includes('not recorded yet')).length
      await expect.poll(waits, { timeout: 25_000 }).toBeGreaterThan(1)
      expect(together).toHaveBeenCalledTimes(1)
      await holder.query('commit')
      await mine
      expect([await delivered(shops.one), await count('exchanges')]).toEqual([1, 1])
    })
  })
})

describe('a recording that loses to a deadlock', () => {
  it('is tried again whole: what was sent and said is kept as well', async () => {
    const two = [1, 2].map(n => recordingAt(lane(), n))
    const both: Recording = {
      exchanges: two.flatMap(({ exchanges }) => exchanges),
      memories: [],
      deliveries: two.flatMap(({ deliveries }) => deliveries),
    }
    const locking = (n: number) =>
      `select from deliveries where shop_id = ${shops.one} and event_id = '${eventId(n)}' for update`
    // The other looks for a deadlock after an hour, so it is the recording that PostgreSQL ends.
    const lock = `set local deadlock_timeout = '1h'; ${locking(2)}`
    await whileLocked(
      lock,
      async (recorder, holder, own) => {
        const failures: unknown[] = []
        const query = own.query.bind(own)
        vi.spyOn(own, 'query').mockImplementation(async (...given: Parameters<Pool['query']>) => {
          try {
            return await query(...given)
          } catch (error) {
            failures.push(Object(error).code)
            throw error
          }
        })
        const mine = recorder.record(both)
        await settledOrBlocked(pool(), mine)
        await holder.query(locking(1))
        await holder.query('commit')
        await mine
        expect(failures).toEqual(['40P01'])
      },
      20_000,
    )
    expect([await delivered(shops.one), await count('exchanges'), await count('attempts')]).toEqual([2, 2, 2])
    expect(lines.some(line => line.includes('cannot be kept'))).toBe(false)
  })
})
