/** What a lane was told to wait for under its old settings is over with them. */
import { beforeEach, describe, expect, it } from 'vitest'
import { answer } from '../vendors/testing.ts'
import { connectionRow } from './connections.ts'
import { drainLane } from './drain.ts'
import { acceptCredentials } from './lane-state.ts'
import { drainContext, keepDelivery, tinyVendor } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops
const pause = async () => (await connectionRow(pool(), shops.one, 'tiny'))?.paused_until ?? null
const open = async () =>
  (await pool().query('select key from circuits order by 1')).rows.map(({ key }) => key)

beforeEach(async () => {
  await connect()
})

/** A worker, whose vendor fails until it is mended. */
function worker() {
  const vendor = { works: false, sent: 0 }
  const send = async () => {
    vendor.sent += 1
    return vendor.works ? { answer: answer(200) } : { failure: 'no connection' }
  }
  const context = drainContext(pool(), [tinyVendor()], { sender: { close: async () => {}, send } })
  return { vendor, drain: () => drainLane(context, lane(), new AbortController().signal) }
}

/** Lets the lane fail until it rests. */
async function rest({ drain }: ReturnType<typeof worker>): Promise<void> {
  for (let n = 0; n < 12; n++) await keepDelivery(pool(), shops.one, {}, { source: 'webhook' })
  await drain()
  await pool().query(`update deliveries set due_at = now()`)
  await drain()
  expect(await open()).toEqual([`lane:${shops.one}:tiny`])
  expect(await pause()).not.toBeNull()
}

describe('a lane that rests', () => {
  it.each([
    ['new settings are saved', () => connect()],
    ['a test succeeded', () => acceptCredentials(pool(), lane())],
  ])('sends at once when %s, on whichever node', async (_, mend) => {
    const [here, there] = [worker(), worker()]
    await rest(here)
    await pool().query(
      'insert into circuits select $1, open_until, rest_ms, null, opened_at, reason from circuits',
      ['vendor:another'],
    )
    // The other node knows of the rest too.
    await there.drain()
    await pool().query('update connections set paused_until = null')
    await there.drain()
    expect(there.vendor.sent).toBe(0)
    here.vendor.works = true
    there.vendor.works = true
    await mend()
    expect(await open()).toEqual(['vendor:another'])
    await pool().query(`update deliveries set due_at = now()`)
    const failed = here.vendor.sent
    await there.drain()
    expect(there.vendor.sent).toBe(12)
    await keepDelivery(pool(), shops.one, {}, { source: 'webhook' })
    await here.drain()
    expect(here.vendor.sent).toBe(failed + 1)
    expect(await pause()).toBeNull()
  })

  it('leaves the rest of another shop at the same vendor as it is', async () => {
    await rest(worker())
    await pool().query(`update circuits set key = 'lane:' || $1 || ':tiny'`, [shops.one + 1])
    await connect()
    await acceptCredentials(pool(), lane())
    expect(await open()).toHaveLength(1)
  })
})
