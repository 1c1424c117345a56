/** One visitor who sends more than anybody else makes nothing slow: what waits of them is few, and found without the rest. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPool } from '../db/database.ts'
import { toJsonb } from '../db/jsonb.ts'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { WAITING_OF_VISITORS } from './known.ts'
import { newShop } from './testing.ts'
import { PUT_TO_WAIT } from './waiting.ts'

let test: TestDatabase
let shopId: number
const pool = () => test.database.pool
const HOSTILE = 'v-hostile'

beforeAll(async () => {
  test = await testDatabase()
  shopId = await newShop(pool(), 'one')
  await seed(20_000, 0, `'${HOSTILE}'`, 'skipped')
  await seed(30, 20_000, `'${HOSTILE}'`, 'waiting')
  await seed(3_000, 30_000, `'v' || n / 10`, 'waiting')
  await pool().query('analyze events; analyze deliveries')
})
afterAll(() => test.drop())

/** So many events of the last hours, with a delivery each. @param visitor SQL, by `n` */
async function seed(count: number, from: number, visitor: string, state: string): Promise<void> {
  await pool().query(
    `with ids as materialized (
       select n, (lpad(to_hex((extract(epoch from now() - interval '20 hours') * 1000)::bigint + n), 12, '0') || '7000'
         || '8000' || lpad(to_hex(n), 12, '0'))::uuid as id from generate_series($3::int + 1, $3::int + $2::int) n),
     kept as (
       insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, visitor_id, consent, data)
       select $1, id, 'product_viewed', 'storefront', id::text, now(), now(), ${visitor}, '{}', '{"product":{"id":"1"}}' from ids)
     insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at, visitor_id)
     select $1, id, 'tiny', $4::text, 'no_email', '{}', now(), now(), now(), case when $4::text = 'waiting' then ${visitor} end from ids`,
    [shopId, count, from, state],
  )
}

type Node = {
  'Index Name'?: string
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: Node[]
}
const all = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(all)]

/** Carries it out as a drain would, and takes it back. */
async function carriedOut(plannedOnce: 'lookups' | undefined, text: string, values: unknown[]) {
  const own = openPool(test.url, { max: 1, ...(plannedOnce && { plannedOnce }) })
  const client = await own.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
      `explain (analyze, buffers, format json) ${text}`,
      values,
    )
    await client.query('rollback')
    const plan = rows[0]?.['QUERY PLAN'][0].Plan
    if (!plan) throw new Error('no plan')
    return {
      blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
      indexes: [...new Set(all(plan).flatMap(node => node['Index Name'] ?? []))],
    }
  } finally {
    client.release()
    await own.end()
  }
}

describe.each([['lookups' as const], [undefined]])(
  'a visitor with 20,000 events, by a pool planned for %s',
  kind => {
    const expectFew = ({ blocks, indexes }: Awaited<ReturnType<typeof carriedOut>>) => {
      expect(indexes.some(name => name.includes('visitor_id_vendor_event_id'))).toBe(true)
      expect(indexes.filter(name => name.startsWith('events_') && name.includes('visitor'))).toEqual([])
      expect(blocks).toBeLessThan(1_500)
    }

    it('is not looked through to find the thirty that wait', async () => {
      expectFew(await carriedOut(kind, WAITING_OF_VISITORS, [shopId, [HOSTILE]]))
    })

    it('is not looked through to put some more to wait', async () => {
      const { rows } = await pool().query<{ id: string }>(
        `select event_id as id from deliveries where shop_id = $1 and state = 'skipped' order by event_id desc limit 30`,
        [shopId],
      )
      await pool().query(`update deliveries set state = 'pending' where event_id = any($1)`, [
        rows.map(({ id }) => id),
      ])
      const given = rows.map(({ id }) => ({
        event_id: id,
        visitor_id: HOSTILE,
        reason: 'no_email',
        message: 'No e-mail.',
      }))
      expectFew(await carriedOut(kind, PUT_TO_WAIT, [shopId, 'tiny', toJsonb(given)]))
    })
  },
)
