import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../db/testing.ts'
import { saveConnection, vendorById } from '../../delivery/connections.ts'
import { acceptCredentials, switchLane } from '../../delivery/lane-state.ts'
import { HELD_REASONS } from '../../delivery/outcome.ts'
import { replay } from '../../delivery/replay.ts'
import { keepDelivery, newShop, refuse, sealer } from '../../delivery/testing.ts'
import { type AlertRules, evaluateAlerts, forgetAlerts } from './evaluate.ts'
import { listAlerts } from './list.ts'

const HOUR = 3600_000
const RULES: AlertRules = { ageMinutes: 60, channels: ['email'] }
let test: TestDatabase
let shopId: number
let now: Date
const pool = () => test.database.pool
const lane = () => ({ shopId, vendor: 'topmail' })

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await pool().query('truncate shops cascade')
  shopId = await newShop(pool(), 'one')
  now = new Date()
  await connect(shopId)
})
const connect = (id: number, vendor = 'topmail') =>
  saveConnection(test.database.pool, sealer, id, vendorById(vendor), { apiKey: 'tiny-key-0123456789' })

type Seeded = {
  trying?: number
  touched?: number
  state?: 'pending' | 'retry' | 'waiting' | 'dead' | 'held'
  reason?: string
  shop?: number
}
/** @param trying, touched how long ago, in hours */
async function keep({
  trying,
  touched = 0,
  state = 'retry',
  reason,
  shop = shopId,
}: Seeded): Promise<string> {
  const id = await keepDelivery(pool(), shop, { vendor: 'topmail', state, ...(reason && { reason }) })
  await pool().query('update deliveries set trying_since = $2, updated_at = $3 where event_id = $1', [
    id,
    trying === undefined ? null : new Date(now.getTime() - trying * HOUR),
    new Date(now.getTime() - touched * HOUR),
  ])
  return id
}
const evaluate = (minutes = 0, rules = RULES) =>
  evaluateAlerts(pool(), rules, new Date(now.getTime() + minutes * 60_000))
const open = async () => (await listAlerts(pool(), null, false)).map(({ kind, level }) => [kind, level])
const notices = async () =>
  (
    await pool().query('select kind, level, channel from alert_notices order by due_at, kind, level')
  ).rows.map(({ kind, level }) => [kind, level])

describe('a round', () => {
  it('finds nothing where nothing is wrong', async () => {
    await keep({ state: 'pending' })
    await keep({ trying: 0.9 })
    await keep({ state: 'dead', touched: 1 })
    await keep({ state: 'held', touched: 1000 })
    await keep({ state: 'waiting', touched: 100 })
    await evaluate()
    expect(await open()).toEqual([])
  })

  it('opens an alert once, raises it, lowers it, and resolves it', async () => {
    const id = await keep({ trying: 2 })
    await evaluate()
    await evaluate(1)
    expect(await open()).toEqual([['waiting', 100]])
    await evaluate(60 * 40)
    expect(await open()).toEqual([
      ['waiting', 100],
      ['giving_up', 50],
    ])
    await evaluate(60 * 65)
    await keep({ trying: -25 })
    await pool().query('delete from deliveries where event_id = $1', [id])
    await evaluate(60 * 65 + 1)
    expect(await open()).toEqual([
      ['waiting', 100],
      ['giving_up', 50],
    ])
    await pool().query('delete from deliveries')
    await evaluate(60 * 66)
    expect(await open()).toEqual([])
    expect(await notices()).toEqual([
      ['waiting', 100],
      ['giving_up', 50],
      ['giving_up', 90],
      ['giving_up', 0],
      ['waiting', 0],
    ])
    expect(await listAlerts(pool(), shopId, true)).toHaveLength(2)
  })

  it('opens a new alert when it begins again', async () => {
    await keep({ trying: 2 })
    await evaluate()
    await pool().query(`update deliveries set state = 'delivered'`)
    await evaluate(1)
    await pool().query(`update deliveries set state = 'retry'`)
    await evaluate(2)
    expect(await listAlerts(pool(), null, true)).toMatchObject([
      { kind: 'waiting', resolvedAt: null },
      { kind: 'waiting', resolvedAt: expect.any(Date) },
    ])
    expect(await notices()).toEqual([
      ['waiting', 100],
      ['waiting', 0],
      ['waiting', 100],
    ])
  })

  it('names the lane, since when, and what to do', async () => {
    await keep({ trying: 2 })
    await evaluate()
    expect(await listAlerts(pool(), shopId, false)).toMatchObject([
      {
        shop: 'one.myshopify.com',
        vendor: 'topmail',
        since: new Date(now.getTime() - 2 * HOUR),
        message: expect.stringContaining('Topmail'),
      },
    ])
  })

  it('keeps shops and vendors apart', async () => {
    const other = await newShop(pool(), 'two')
    await connect(other)
    await connect(other, 'alana')
    for (const shop of [shopId, other]) await keep({ trying: 3, shop })
    await evaluate()
    await pool().query('delete from deliveries where shop_id = $1', [shopId])
    await evaluate(1)
    expect(await listAlerts(pool(), null, false)).toMatchObject([
      { shop: 'two.myshopify.com', vendor: 'topmail' },
    ])
  })

  it('at the same moment as another opens nothing twice', async () => {
    await keep({ trying: 40 })
    await Promise.all([evaluate(), evaluate(), evaluate(0.01)])
    expect(await open()).toHaveLength(2)
    expect(await notices()).toHaveLength(2)
  })
})

describe('a delivery that waits', () => {
  it('never tried counts from when it was accepted', async () => {
    await keep({ state: 'pending', touched: 2 })
    await evaluate()
    expect(await open()).toEqual([['waiting', 100]])
  })

  it('again, after a replay or a release, counts from then', async () => {
    await keep({ state: 'dead', touched: 500, trying: 600, reason: 'rejected' })
    await replay(pool(), { shopId, states: ['dead'] })
    await evaluate()
    expect(await open()).toEqual([])
    await switchLane(pool(), lane(), false)
    await pool().query(`update deliveries set updated_at = now() - interval '9 days'`)
    await switchLane(pool(), lane(), true)
    await evaluate()
    expect(await open()).toEqual([])
  })

  it('about as long as the threshold is told of once, and again only after it was clearly shorter', async () => {
    const waits = async (hours: number) => {
      await pool().query('update deliveries set updated_at = $1', [new Date(now.getTime() - hours * HOUR)])
      await evaluate()
      return (await open()).length
    }
    await keep({ state: 'pending' })
    expect([await waits(0.95), await waits(1.01), await waits(0.95), await waits(1.01)]).toEqual([0, 1, 1, 1])
    expect(await notices()).toHaveLength(1)
    expect([await waits(0.5), await waits(0.95)]).toEqual([0, 0])
  })

  it('is found behind younger ones of the same lane', async () => {
    for (let n = 0; n < 5; n += 1) await keep({ trying: 0.1 })
    await keep({ trying: 3 })
    await evaluate()
    expect(await listAlerts(pool(), null, false)).toMatchObject([
      { since: new Date(now.getTime() - 3 * HOUR) },
    ])
  })
})

describe('what was given up', () => {
  it('keeps the alert at its highest level for a day, or until it is replayed', async () => {
    const id = await keep({ trying: 71 })
    await evaluate()
    const giveUp = `update deliveries set state = 'dead', reason = 'gave_up', updated_at = $2 where event_id = $1`
    await pool().query(giveUp, [id, now])
    await evaluate(1)
    expect(await open()).toEqual([['giving_up', 100]])
    await evaluate(60 * 25)
    expect(await open()).toEqual([])
  })

  it('long ago opens nothing', async () => {
    await keep({ state: 'dead', reason: 'gave_up', touched: 1 })
    await evaluate()
    expect(await open()).toEqual([])
  })
})

describe('a lane that waits for a person', () => {
  it('has an alert until its credentials work, with what the vendor said', async () => {
    await refuse(pool(), lane(), 'Wrong key.')
    await evaluate()
    expect(await listAlerts(pool(), null, false)).toMatchObject([
      { kind: 'attention', message: expect.stringContaining('Wrong key.') },
    ])
    const [first] = await listAlerts(pool(), null, false)
    await refuse(pool(), lane(), 'Still wrong.')
    await evaluate(1)
    const [second] = await listAlerts(pool(), null, false)
    expect(second).toMatchObject({ since: first?.since, message: expect.stringContaining('Still wrong.') })
    await acceptCredentials(pool(), lane())
    await evaluate(2)
    expect(await open()).toEqual([])
  })

  it.each<['uninstalled' | 'vendor_missing', RegExp]>([
    ['uninstalled', /Test the connection/],
    ['vendor_missing', /settings are not at fault/],
  ])('that is stopped as %s is not sent to correct its settings', async (reason, remedy) => {
    await refuse(pool(), lane(), HELD_REASONS[reason])
    await evaluate()
    const [{ message } = { message: '' }] = await listAlerts(pool(), null, false)
    expect(message).toMatch(remedy)
    expect(message).not.toContain('Correct the settings')
  })

  it.each([['update shops set uninstalled_at = now()'], ['update connections set enabled = false']])(
    'has none when that is meant: %s',
    async statement => {
      await refuse(pool(), lane(), 'Wrong key.')
      await pool().query(statement)
      await evaluate()
      expect(await open()).toEqual([])
    },
  )
})

describe('notices', () => {
  it('are due on the channels that are set up, also on one that is set up later', async () => {
    await keep({ trying: 2 })
    await evaluate(0, { ...RULES, channels: [] })
    expect(await notices()).toEqual([])
    await evaluate(1, { ...RULES, channels: ['email', 'webhook'] })
    await evaluate(2, { ...RULES, channels: ['email', 'webhook'] })
    expect(await notices()).toHaveLength(2)
  })

  it('say that an alert is over only where it was told', async () => {
    await keep({ trying: 2 })
    await evaluate()
    await pool().query('delete from deliveries')
    await evaluate(1, { ...RULES, channels: ['email', 'webhook'] })
    const told = await pool().query('select channel, level from alert_notices order by level')
    expect(told.rows).toEqual([
      { channel: 'email', level: 0 },
      { channel: 'email', level: 100 },
    ])
  })
})

describe('old alerts', () => {
  it('are forgotten, with what was told of them; open ones are not', async () => {
    await keep({ trying: 2 })
    await evaluate()
    await pool().query('delete from deliveries')
    await evaluate(1)
    await refuse(pool(), lane(), 'Wrong key.')
    await evaluate(2)
    const future = new Date(now.getTime() + HOUR)
    expect(await forgetAlerts(pool(), now)).toBe(0)
    expect(await forgetAlerts(pool(), future)).toBe(1)
    expect(await open()).toEqual([['attention', 100]])
    expect(await notices()).toEqual([['attention', 100]])
  })
})
