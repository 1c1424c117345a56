/** The two days of which a lane's health tells are those of its shop. */
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { keepDelivery } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { storeEvent } from '../vendors/testing.ts'
import { OF_ANOTHER_DAY, takeLaneHealth } from './lane-health.ts'
import { rollUpDays } from './roll-up-days.ts'

const HOUR_MS = 3600_000
const shops = twoShops()
const { pool, connect } = shops

/** A zone in which it is that hour now. */
function zoneAt(hour: number): string {
  const ahead = (hour - new Date().getUTCHours() + 24) % 24
  const offset = ahead > 12 ? ahead - 24 : ahead
  // Etc's names have the sign the other way round.
  return `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`
}
const setZone = (shop: number, zone: string) =>
  pool().query('update shops set time_zone = $2 where id = $1', [shop, zone])
async function take(): Promise<number> {
  await rollUpDays(pool(), { justBegunSeconds: 0 })
  return takeLaneHealth(pool(), { opens: () => true, lateAfterMinutes: 90 })
}
/** The last round but this one was before these days began. */
const longAgo = () =>
  pool().query(`update rollups set seen_until = now() - interval '3 days' where name = 'lane_health_days'`)
const delivered = async () =>
  (await pool().query<{ delivered: number }>('select delivered from lane_health order by shop_id')).rows.map(
    row => row.delivered,
  )

async function receive(shop: number, hoursAgo: number): Promise<void> {
  const receivedAt = new Date(Date.now() - hoursAgo * HOUR_MS)
  const id = uuidv7({ msecs: receivedAt.getTime() })
  const event = storeEvent('search_submitted', { url: null, query: 'lantern' })
  const over = { ...event, id, dedupeKey: id, receivedAt: receivedAt.toISOString() }
  await keepDelivery(pool(), shop, { state: 'delivered' }, over)
}

describe('yesterday and today', () => {
  it('are days of the shop: what was early in the day before is of neither', async () => {
    await connect(shops.one)
    await connect(shops.two)
    await setZone(shops.one, zoneAt(0))
    await setZone(shops.two, zoneAt(22))
    for (const shop of [shops.one, shops.two]) await receive(shop, 26)
    await take()
    expect(await delivered()).toEqual([0, 1])
  })

  it('are told anew when a day begins in the shop, and not before', async () => {
    await connect(shops.one)
    await connect(shops.two)
    await setZone(shops.one, zoneAt(0))
    await setZone(shops.two, zoneAt(12))
    await take()
    await pool().query(`update lane_health set taken_at = now() - interval '3 hours', delivered = -1`)
    await longAgo()
    expect(await take()).toBe(1)
    expect(await delivered()).toEqual([0, -1])
    await pool().query(`update lane_health set taken_at = now() - interval '14 hours'`)
    await longAgo()
    expect(await take()).toBe(2)
  })
})

describe('what is looked at for a day that began', () => {
  const SHOPS = 10_000
  const read = async (since: string) => {
    const { rows } = await pool().query(`explain (analyze, format json) ${OF_ANOTHER_DAY}`, [since])
    return lanesReadBy(rows[0]['QUERY PLAN'][0].Plan)
  }

  it('is no lane, however many there are, where none began since', async () => {
    await pool().query(
      `insert into shops (domain, days_zone) select 'many-' || n || '.myshopify.com', (array[$2::text, null])[1 + n % 2]
       from generate_series(1, $1::int) n`,
      [SHOPS, zoneAt(12)],
    )
    await pool().query(
      `with made as (
         insert into connections (shop_id, vendor, settings, secrets) select id, 'tiny', '{}', '' from shops returning shop_id)
       insert into lane_health (shop_id, vendor, state, waiting, held, delivered, failed, taken_at)
       select shop_id, 'tiny', 'ok', 0, 0, 0, 0, now() from made`,
    )
    await pool().query('analyze shops, lane_health')
    expect(await read('-infinity')).toBeGreaterThanOrEqual(SHOPS)
    const since = await pool().query(`select now()::text as now`)
    expect(await read(since.rows[0].now)).toBe(0)
  })

  it('is kept between rounds', async () => {
    await connect(shops.one)
    await setZone(shops.one, zoneAt(12))
    await setZone(shops.two, zoneAt(12))
    await take()
    await pool().query(`update lane_health set taken_at = now() - interval '3 days'`)
    expect(await take()).toBe(0)
    await longAgo()
    expect(await take()).toBe(1)
  })
})

type Plan = { 'Relation Name'?: string; Plans?: Plan[] } & Record<string, unknown>

/** Those that were thrown away as well. */
function lanesReadBy(plan: Plan): number {
  const inner = (plan.Plans ?? []).reduce((sum, each) => sum + lanesReadBy(each), 0)
  if (plan['Relation Name'] !== 'lane_health') return inner
  const number = (key: string) => Number(plan[key] ?? 0)
  return inner + (number('Actual Rows') + number('Rows Removed by Filter')) * number('Actual Loops')
}
