/** Lanes whose credentials a process could not open, once the key is there. */
import { expect, it } from 'vitest'
import { ALL_SHOPS, type FleetFilter, previewFleet } from '../delivery/fleet-filter.ts'
import { refuse } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { MOVING, takeLaneHealth } from './lane-health.ts'
import { rollUpDays } from './roll-up-days.ts'

const shops = twoShops()
const { pool, lane, connect } = shops

async function take(opens: boolean, againSeconds = 3600): Promise<number> {
  await rollUpDays(pool(), { justBegunSeconds: 0 })
  return takeLaneHealth(pool(), { opens: () => opens, lateAfterMinutes: 90, againSeconds })
}
/** As a fleet action of these finds them. */
async function inAttention(): Promise<number> {
  const filter: FleetFilter = { ...ALL_SHOPS, states: ['attention'] }
  return (await previewFleet(pool(), { kind: 'hold', vendor: 'tiny', filter })).shops
}

it('a lane that a process without the key had looked at needed attention for up to a day after', async () => {
  await connect()
  await take(false)
  expect(await inAttention()).toBe(1)
  expect(await take(true)).toBe(0)
  expect(await take(true, 0)).toBe(1)
  expect(await inAttention()).toBe(0)
  expect(await take(true, 0)).toBe(0)
})

it('a lane that was refused is looked at again too, and stays as it is', async () => {
  await connect()
  await refuse(pool(), lane(), 'Wrong key.')
  await take(true)
  expect(await take(true, 0)).toBe(1)
  expect(await inAttention()).toBe(1)
})

it('what is looked at again reads no other lane, however many there are', async () => {
  await pool().query(
    `insert into shops (domain) select 'many-' || n || '.myshopify.com' from generate_series(1, 10000) n`,
  )
  await pool().query(
    `with made as (
       insert into connections (shop_id, vendor, settings, secrets) select id, 'tiny', '{}', '' from shops returning shop_id)
     insert into lane_health (shop_id, vendor, state, waiting, held, delivered, failed, taken_at)
     select shop_id, 'tiny', case when shop_id % 100 = 0 then 'attention' else 'ok' end, 0, 0, 0, 0, now() - interval '1 hour' from made`,
  )
  await pool().query('analyze lane_health')
  const { rows } = await pool().query(`explain (analyze, format json) ${MOVING}`, [new Date(), 120])
  const plan = JSON.stringify(rows[0]['QUERY PLAN'])
  expect(plan).toContain('lane_health_again_idx')
  expect(plan).not.toContain('Rows Removed by Filter')
})
