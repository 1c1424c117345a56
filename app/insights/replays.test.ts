import { expect, it } from 'vitest'
import { openPool } from '../db/database.ts'
import { keepMany } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { keptReplays } from './replays.ts'

const REPLAY = '019a0000-0000-7000-8000-000000000001'
const MANY = 20_000
const shops = twoShops()

it('a week most of which was sent again at once is not read whole for each state that is not there', async () => {
  const { one, pool, url } = shops
  await keepMany(pool(), one, MANY, 'delivered')
  await pool().query('update deliveries set replay_id = $1', [REPLAY])
  await pool().query(
    `insert into replays (shop_id, id, sent_by, chosen, count)
     select $1, id, 'shop', '{}', $2 from unnest(array[$3, uuidv7(), uuidv7(), uuidv7()]::uuid[]) id`,
    [one, MANY, REPLAY],
  )
  await pool().query('vacuum analyze deliveries')
  // One connection, so that what it has read is known as soon as it is asked for.
  const reader = openPool(url(), { max: 1 })
  const read = async () => {
    await reader.query('select pg_stat_force_next_flush()')
    const { rows } = await reader.query<{ count: number }>(
      `select sum(seq_tup_read + idx_tup_fetch)::int as count from pg_stat_user_tables where relname like 'deliveries%'`,
    )
    return rows[0]?.count ?? 0
  }
  try {
    const before = await read()
    const { replays } = await keptReplays(reader, one, null)
    expect(replays.at(-1)?.outcomes).toMatchObject({ delivered: 1_001, failed: 0, held: 0 })
    expect((await read()) - before).toBeLessThan(MANY)
  } finally {
    await reader.end()
  }
})
