import { v7 as uuidv7 } from 'uuid'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { waitingForLocks } from '../db/testing.ts'
import { keepDelivery } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { forgetOld } from './retention.ts'
import { forgetOldOfShops } from './shop-retention.ts'

const NOW = new Date()
const DAY_MS = 86_400_000
const shops = twoShops()
const { pool } = shops
let shopId: number

beforeEach(async () => {
  shopId = shops.one
  await pool().query('update shops set retention_days = 31')
})

/** An event of so many days ago, and its delivery. */
const keep = (ago: number, state: 'delivered' | 'dead' | 'pending' = 'delivered', shop = shopId) =>
  keepDelivery(pool(), shop, { state }, { id: uuidv7({ msecs: NOW.getTime() - ago * DAY_MS }) })

async function left(table: 'events' | 'deliveries'): Promise<string[]> {
  const id = table === 'events' ? 'id' : 'event_id'
  const { rows } = await pool().query<{ id: string }>(`select ${id} as id from ${table} order by 1`)
  return rows.map(({ id }) => id)
}

describe('a shop’s own retention', () => {
  it('keeps the event of a delivery that a replay starts anew at the same time', async () => {
    const replayed = await keep(40, 'dead')
    await keep(40, 'dead')
    const client = await pool().connect()
    try {
      await client.query('begin')
      await client.query(
        `update deliveries set state = 'pending', replay = true, updated_at = now() where event_id = $1`,
        [replayed],
      )
      const forgotten = forgetOldOfShops(pool(), NOW, 90)
      await expect.poll(() => waitingForLocks(pool()), { timeout: 4_000 }).toBe(1)
      await client.query('commit')
      expect(await forgotten).toBe(1)
    } finally {
      client.release()
    }
    expect(await left('deliveries')).toEqual([replayed])
    expect(await left('events')).toEqual([replayed])
  })

  it('forgets what was sent again before, of that shop alone', async () => {
    await pool().query('update shops set retention_days = null where id = $1', [shops.two])
    const kept = uuidv7({ msecs: NOW.getTime() - 10 * DAY_MS })
    const old = uuidv7({ msecs: NOW.getTime() - 40 * DAY_MS })
    await pool().query(
      `insert into replays (shop_id, id, sent_by, chosen, count)
       select s, i, 'shop', '{}', 1 from unnest($1::int[]) s, unnest($2::uuid[]) i`,
      [
        [shops.one, shops.two],
        [kept, old],
      ],
    )
    await forgetOldOfShops(pool(), NOW, 90)
    const { rows } = await pool().query('select shop_id as shop, id from replays order by shop_id, id')
    expect(rows).toEqual([
      { shop: shops.one, id: kept },
      { shop: shops.two, id: old },
      { shop: shops.two, id: kept },
    ])
    await forgetOld(pool(), NOW, 30)
    const left = await pool().query('select distinct id from replays')
    expect(left.rows).toEqual([{ id: kept }])
  })

  it('gives each shop its turn, however much another one has to forget', async () => {
    const other = shops.two
    await pool().query('update shops set retention_days = 31')
    for (const ago of [40, 41, 42, 43]) await keep(ago)
    await keep(40, 'delivered', other)
    const clock = vi.spyOn(performance, 'now')
    let ticks = 0
    clock.mockImplementation(() => ticks++)
    try {
      expect(await forgetOldOfShops(pool(), NOW, 90, { chunk: 1, mostMs: 3 })).toBe(2)
    } finally {
      clock.mockRestore()
    }
    const { rows } = await pool().query('select shop_id, count(*)::int from events group by 1')
    expect(rows).toEqual([{ shop_id: shopId, count: 3 }])
  })

  it('stops when its time is over or it is told to, and goes on with the rest', async () => {
    await keep(40)
    await keep(30)
    expect(await forgetOldOfShops(pool(), NOW, 90, { mostMs: 0 })).toBe(0)
    expect(await forgetOldOfShops(pool(), NOW, 90, { lost: AbortSignal.abort() })).toBe(0)
    expect(await forgetOldOfShops(pool(), NOW, 90, { chunk: 1 })).toBe(1)
    expect(await left('events')).toHaveLength(1)
  })

  it('is passed on from what is still being delivered', async () => {
    const open = await keep(42, 'pending')
    await keep(41)
    await keep(40)
    expect(await forgetOldOfShops(pool(), NOW, 90, { chunk: 1 })).toBe(2)
    expect(await left('events')).toEqual([open])
  })
})
