import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { twoShops } from '../delivery/testing-shops.ts'
import { settledByDay } from './daily.ts'
import { lastDays } from './days.ts'
import { addVendorDays, fleetDays } from './vendor-days.ts'

const shops = twoShops()
const { pool } = shops
const WEEK = lastDays(new Date(), 7, null)

type Count = { shop: 'one' | 'two'; ago: number; vendor: string; state: string; count: number }
const put = ({ shop, ago, vendor, state, count }: Count) =>
  pool().query(
    `insert into delivery_days as k (shop_id, day, vendor, type, state, reason, count, delivered_before)
     values ($1, $2::date - $3::int, $4, 'order_created', $5, '', $6, $6 / 2)
     on conflict (shop_id, day, vendor, type, state, reason, newer) do update
       set count = excluded.count, delivered_before = excluded.delivered_before`,
    [shops[shop], WEEK.to, ago, vendor, state, count],
  )

/** The same from each shop's own days. */
async function summed(vendor: string): Promise<Record<string, [number, number]>> {
  const sums: Record<string, [number, number]> = {}
  for (const shop of [shops.one, shops.two])
    for (const { day, vendor: of, delivered, failed } of await settledByDay(pool(), shop, WEEK)) {
      if (of !== vendor) continue
      const [before, lost] = sums[day] ?? [0, 0]
      sums[day] = [before + delivered, lost + failed]
    }
  return Object.fromEntries(Object.entries(sums).filter(([, pair]) => pair.some(each => each > 0)))
}
async function shown(vendor: string): Promise<Record<string, [number, number]>> {
  const days = await fleetDays(pool(), vendor, WEEK)
  return Object.fromEntries(
    days
      .filter(each => each.delivered + each.failed > 0)
      .map(({ day, delivered, failed }) => [day, [delivered, failed]]),
  )
}

describe("a vendor's days over all shops", () => {
  beforeEach(() => pool().query('delete from delivery_days'))

  it('are the sums of what each shop has, whatever is counted, counted again and forgotten', async () => {
    const count = fc.record({
      shop: fc.constantFrom('one' as const, 'two' as const),
      ago: fc.nat({ max: 6 }),
      vendor: fc.constantFrom('tiny', 'other'),
      state: fc.constantFrom('delivered', 'dead', 'pending', 'skipped'),
      count: fc.nat({ max: 50 }),
    })
    const step = fc.oneof({ weight: 6, arbitrary: count }, fc.constantFrom('add' as const, 'forget' as const))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async steps => {
        for (const each of steps)
          if (each === 'add') await addVendorDays(pool())
          else if (each === 'forget')
            await pool().query('delete from delivery_days where shop_id = $1', [shops.two])
          else await put(each)
        await addVendorDays(pool())
        for (const vendor of ['tiny', 'other']) expect(await shown(vendor)).toEqual(await summed(vendor))
      }),
      { numRuns: 15 },
    )
  })

  it('are added once by several processes at a time', async () => {
    for (let ago = 0; ago < 7; ago++)
      await put({ shop: 'one', ago, vendor: 'tiny', state: 'delivered', count: 3 })
    await Promise.all([1, 2, 3].map(() => addVendorDays(pool())))
    expect(Object.values(await shown('tiny'))).toEqual(Array.from({ length: 7 }, () => [3, 0]))
    expect((await pool().query('select from vendor_day_changes')).rowCount).toBe(0)
  })

  it('are kept for the days that are shown, whatever a clock that is ahead has counted', async () => {
    for (const ago of [-4000, 0, 6, 30])
      await put({ shop: 'one', ago, vendor: 'tiny', state: 'dead', count: 2 })
    await addVendorDays(pool())
    expect(Object.keys(await shown('tiny'))).toEqual([WEEK.from, WEEK.to])
    expect((await pool().query('select from vendor_days where day < $1', [WEEK.from])).rowCount).toBe(0)
  })
})
