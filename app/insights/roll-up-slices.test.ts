/** Looks for what changed, where more has changed than one statement comes through. */
import type { Pool, PoolClient } from 'pg'
import { afterEach, expect, it, vi } from 'vitest'
import { keepDelivery } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { DAYS_SEEN, dailyCounts } from './daily.ts'
import { rollUpDays } from './roll-up-days.ts'

const shops = twoShops()
const { pool } = shops
const MINUTE_MS = 60_000

afterEach(() => {
  vi.restoreAllMocks()
})

/** The pool, where a look for the changes of longer than that takes too long. */
function slow(mostMs: number, looked: (minutes: number) => void): Pool {
  const slowly = (client: PoolClient) =>
    new Proxy(client, {
      get(target, name) {
        const value = Reflect.get(target, name)
        if (name !== 'query') return typeof value === 'function' ? value.bind(target) : value
        return async (text: string, values: string[] = []) => {
          if (text.includes('with changed as materialized')) {
            const [from = '', to = ''] = values
            const end = to === 'infinity' ? Date.now() : Date.parse(to)
            looked(Math.round((end - Date.parse(from)) / MINUTE_MS))
            if (end - Date.parse(from) > mostMs)
              throw Object.assign(new Error('canceling statement due to statement timeout'), {
                code: '57014',
              })
          }
          return target.query(text, values)
        }
      },
    })
  return new Proxy(pool(), {
    get(target, name) {
      if (name === 'connect') return async () => slowly(await target.connect())
      return Reflect.get(target, name)
    },
  })
}

const EVER = { from: '2000-01-01', to: '2100-01-01' }
const counted = async () =>
  (await dailyCounts(pool(), shops.one, EVER)).reduce((sum, { count }) => sum + count, 0)

async function changed(minutesAgo: number) {
  const id = await keepDelivery(pool(), shops.one, { state: 'delivered' })
  await pool().query(
    'update deliveries set updated_at = now() - make_interval(mins => $2) where event_id = $1',
    [id, minutesAgo],
  )
}

it('a slice in which too much has changed is halved until it comes through, even when its time is up by then', async () => {
  for (const ago of [50, 20, 1]) await changed(ago)
  await pool().query(`insert into rollups (name, seen_until) values ($1, now() - interval '55 minutes')`, [
    DAYS_SEEN,
  ])
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const looks: number[] = []
  const slowly = slow(20 * MINUTE_MS, minutes => {
    looks.push(minutes)
    if (minutes > 20) now += MINUTE_MS
  })
  const run = () => rollUpDays(slowly, { justBegunSeconds: 0 })
  await run()
  expect(looks).toEqual([55, 30, 15])
  await run()
  expect(looks.slice(3)).toEqual([40, 30, 15])
  await run()
  expect(looks.slice(6)).toEqual([25, 25, 15])
  await run()
  expect(looks.slice(9)).toEqual([10])
  expect(await counted()).toBe(3)
})
