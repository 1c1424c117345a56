/** Telling shops on their own channels: one that cannot be told keeps no other from it. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../db/testing.ts'
import { createLog } from '../../log.ts'
import { SHOP_CHANNELS, type ShopChannelName } from './evaluate.ts'
import { type ShopChannels, tellShopAlerts } from './notices.ts'

const T0 = new Date('2026-11-20T12:00:00.000Z')
const after = (minutes: number) => new Date(T0.getTime() + minutes * 60_000)
let test: TestDatabase
const pool = () => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await pool().query('truncate shops restart identity cascade')
})

/** Shops with an alert each that is due on the channel. @returns their ids */
async function shops(count: number, channel: ShopChannelName): Promise<number[]> {
  const { rows } = await pool().query<{ id: number }>(
    `insert into shops (domain, alert_channels)
     select gen_random_uuid() || '.myshopify.com', array[$2] from generate_series(1, $1) returning id`,
    [count, channel],
  )
  const ids = rows.map(({ id }) => id)
  await pool().query(
    `insert into alerts (shop_id, vendor, kind, opened_at, level, since, message)
     select id, 'ecomail', 'waiting', $2, 100, $2, 'Look.' from unnest($1::int[]) id`,
    [ids, T0],
  )
  await pool().query(
    `insert into alert_notices (shop_id, vendor, kind, opened_at, channel, level, due_at)
     select id, 'ecomail', 'waiting', $2, $3, 100, $2 from unnest($1::int[]) id`,
    [ids, T0, channel],
  )
  return ids
}
const stateOf = async (shopId: number | undefined) =>
  (
    await pool().query(
      `select tries, sent_at is not null as sent, failed_at is not null as failed from alert_notices where shop_id = $1`,
      [shopId],
    )
  ).rows[0]

function telling(channelsOf: (shopId: number) => Promise<ShopChannels>, usable = [...SHOP_CHANNELS]) {
  const log = createLog('silent')
  return (minutes: number) => tellShopAlerts(pool(), usable, channelsOf, log, after(minutes))
}
/** Writes down which shops were told. */
function hooks() {
  const told: string[] = []
  const send = async ({ alerts }: { alerts: readonly { shop: string }[] }) => {
    told.push(...alerts.map(({ shop }) => shop))
  }
  return { told, channels: { shop_webhook: { send } } satisfies ShopChannels }
}

it('shops with a channel that cannot be used here, however many, do not starve one that can be told', async () => {
  const [mute] = await shops(1_001, 'shop_email')
  const [last] = await shops(1, 'shop_webhook')
  const { told, channels } = hooks()
  await telling(async () => channels, ['shop_webhook'])(1)
  expect(told).toHaveLength(1)
  expect(await stateOf(last)).toEqual({ tries: 1, sent: true, failed: false })
  expect(await stateOf(mute)).toEqual({ tries: 0, sent: false, failed: false })
})

it('a notice for a channel that the shop has no more is given up', async () => {
  const [gone, well] = await shops(2, 'shop_webhook')
  const { told, channels } = hooks()
  await telling(async shopId => (shopId === gone ? {} : channels))(1)
  expect(await stateOf(gone)).toEqual({ tries: 1, sent: false, failed: true })
  expect(await stateOf(well)).toMatchObject({ sent: true })
  expect(told).toHaveLength(1)
})

it('shops whose channels cannot be read keep no others from being told, and are put off, not for ever', async () => {
  const broken = await shops(20, 'shop_webhook')
  const [well] = await shops(1, 'shop_webhook')
  const { channels } = hooks()
  const tell = telling(async shopId => {
    if (broken.includes(shopId)) throw new Error('not to be opened')
    return channels
  })
  await tell(1)
  expect(await stateOf(well)).toMatchObject({ sent: true })
  expect(await stateOf(broken[0])).toEqual({ tries: 1, sent: false, failed: false })
  await tell(1)
  expect(await stateOf(broken[0])).toMatchObject({ tries: 1 })
  for (let hour = 2; hour <= 10; hour++) await tell(hour * 61)
  expect(await stateOf(broken[0])).toEqual({ tries: 10, sent: false, failed: true })
})
