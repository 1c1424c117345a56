import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../../db/testing.ts'
import { saveConnection } from '../../delivery/connections.ts'
import { acceptCredentials } from '../../delivery/lane-state.ts'
import { newShop, refuse, sealer, TINY_SETTINGS, tinyVendor } from '../../delivery/testing.ts'
import { type AlertRules, evaluateAlerts } from './evaluate.ts'
import { listAlerts } from './list.ts'

const RULES: AlertRules = { ageMinutes: 60, channels: ['email'] }
let test: TestDatabase
let shopId: number
const pool = () => test.database.pool
const lane = () => ({ shopId, vendor: 'tiny' })
const evaluate = () => evaluateAlerts(pool(), RULES, new Date())
const connect = () => saveConnection(test.database.pool, sealer, shopId, tinyVendor(), TINY_SETTINGS)
const stoppedAt = async () =>
  (await pool().query<{ at: Date }>('select updated_at as at from connections')).rows[0]?.at

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  await connect()
  await pool().query(`update connections set released_at = now() - interval '3 hours'`)
  await refuse(pool(), lane(), 'Wrong key.')
  await pool().query(`update connections set updated_at = now() - interval '2 hours'`)
  await evaluate()
})

it.each([
  ['a successful test', () => acceptCredentials(pool(), lane())],
  ['new settings', connect],
])(
  'of a lane that %s started and that stopped again between two looks is the present stop',
  async (_, start) => {
    await start()
    await refuse(pool(), lane(), 'Wrong key.')
    const again = await stoppedAt()
    await evaluate()
    const alerts = await listAlerts(pool(), null, true)
    expect(alerts).toMatchObject([{ kind: 'attention', since: again, resolvedAt: null }])
    await pool().query('update connections set updated_at = now()')
    await evaluate()
    expect(await listAlerts(pool(), null, true)).toEqual(alerts)
  },
)

it('of a lane that is only touched meanwhile stays', async () => {
  const before = await listAlerts(pool(), null, false)
  await pool().query('update connections set updated_at = now()')
  await evaluate()
  expect(await listAlerts(pool(), null, false)).toEqual(before)
})
