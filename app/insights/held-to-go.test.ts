/** What the preview of a release counts is what the release sends. */
import { beforeEach, describe, expect, it } from 'vitest'
import { ALL_SHOPS, previewFleet } from '../delivery/fleet-filter.ts'
import { holdBySupport, releaseBySupport } from '../delivery/holds.ts'
import { setReleaseWithin, switchLane } from '../delivery/lane-state.ts'
import { keepDelivery, keepMany, refuse } from '../delivery/testing.ts'
import { BY } from '../delivery/testing-fleet.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { takeLaneHealth } from './lane-health.ts'
import { rollUpDays } from './roll-up-days.ts'

const SHOP = 'one.myshopify.com'
const shops = twoShops()
const { pool, lane, connect } = shops

/** What the chores do, each after the other. @returns how many lanes were looked at */
async function take(): Promise<number> {
  await rollUpDays(pool(), { justBegunSeconds: 0 })
  return takeLaneHealth(pool(), { opens: () => true, lateAfterMinutes: 90, againSeconds: 3600 })
}
const counted = async () => (await pool().query('select held, state from lane_health')).rows

describe('what a release for many shops would send', () => {
  const HOLD = { reason: 'It floods them.', until: null }
  const previewed = async (shopsOf: string | null) => {
    const filter = { ...ALL_SHOPS, shops: shopsOf }
    return (await previewFleet(pool(), { kind: 'release', vendor: 'tiny', filter })).deliveries
  }
  /** As it is told of all shops, and of those of a filter. */
  const told = async () => {
    await take()
    return [await previewed(null), await previewed('one')]
  }
  beforeEach(async () => {
    await connect()
    const [late, again] = [await keepDelivery(pool(), shops.one), await keepDelivery(pool(), shops.one)]
    await keepDelivery(pool(), shops.one)
    await pool().query(
      "update deliveries set created_at = now() - interval '8 days', replay = event_id = $2 where event_id in ($1, $2)",
      [late, again],
    )
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
  })

  it('is what it sends then, without what is too old', async () => {
    expect(await told()).toEqual([2, 2])
    expect(await counted()).toEqual([{ held: 3, state: 'held' }])
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)).toMatchObject({ released: 2 })
    expect(await told()).toEqual([0, 0])
  })

  it('is more where the shop lets older ones go', async () => {
    await expect.poll(() => take()).toBe(0)
    await setReleaseWithin(pool(), shops.one, 9)
    expect(await told()).toEqual([3, 3])
  })

  it.each([
    ['the vendor is switched off', () => switchLane(pool(), lane(), false)],
    ['it waits for a person', () => refuse(pool(), lane(), 'Wrong key.')],
  ])('is nothing where %s', async (_, stop) => {
    await stop()
    expect(await told()).toEqual([0, 0])
    expect(await counted()).toEqual([{ held: 3, state: 'held' }])
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)).toMatchObject({ released: 0 })
  })

  it('is of each lane no more than what says that there are more than ten thousand', async () => {
    await pool().query('delete from deliveries')
    await keepMany(pool(), shops.one, 10_003, 'held')
    expect(await told()).toEqual([10_001, 10_001])
  })
})
