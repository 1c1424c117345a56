/** Each row of the accuracy page leads to the list of what it counts. */
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import { saveConnection } from '../../app/delivery/connections.ts'
import type { DeliveryState } from '../../app/delivery/outcome.ts'
import { keepDelivery, sealer, TINY_SETTINGS, tinyVendor } from '../../app/delivery/testing.ts'
import { twoShops } from '../../app/delivery/testing-shops.ts'
import type { StoreEvent } from '../../app/events/store-event.ts'
import { activityPage } from '../../app/insights/activity.ts'
import { spanOf } from '../../app/insights/days.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { createMerchantAccuracy } from '../../app/runtime/merchant-accuracy.ts'
import type { Admin } from '../../app/shopify/admin/client.ts'
import { shopById } from '../../app/shopify/shops.ts'
import { listOf } from '../../app/ui/accuracy/words.ts'
import { askedBy, chosenBy } from '../../app/ui/activity/search.server.ts'
import { order, storeEvent } from '../../app/vendors/testing.ts'

const shops = twoShops()
const { pool } = shops
const unasked: Admin = {
  adminQuery: () => Promise.reject(new Error('Shopify is not asked')),
  withToken: () => Promise.reject(new Error('no token is needed')),
  close: async () => {},
}

async function keepOrders(count: number, state: DeliveryState, before: boolean, reason: string | null) {
  for (let each = 0; each < count; each++) {
    const id = uuidv7()
    const event = storeEvent('order_created', { orderId: id, order: order(), refund: null })
    await keepDelivery(pool(), shops.one, { state, reason }, { ...event, id, dedupeKey: id } as StoreEvent)
    await pool().query('update deliveries set delivered_before = $2 where event_id = $1', [id, before])
  }
}

it('a row counts as many orders as its list has, while what had arrived is being sent again', async () => {
  await saveConnection(pool(), sealer, shops.one, tinyVendor(), TINY_SETTINGS)
  const kept: [number, DeliveryState, boolean, string?][] = [
    [2, 'delivered', false],
    [1, 'delivered', true],
    [1, 'pending', false],
    [4, 'pending', true],
    [2, 'retry', true, 'busy'],
    [1, 'waiting', false],
    [2, 'held', false, 'off'],
    [3, 'held', true, 'off'],
    [1, 'skipped', false, 'no_email'],
    [2, 'skipped', true, 'test_order'],
    [3, 'skipped', false, 'superseded'],
    [1, 'dead', true, 'rejected'],
  ]
  for (const [count, state, before, reason = null] of kept) await keepOrders(count, state, before, reason)
  await rollUpDays(pool(), { justBegunSeconds: 0 })
  const accuracy = createMerchantAccuracy({ pool: pool(), admin: unasked, retentionDays: 90 })
  const { tools, period } = await accuracy.page(await shopById(pool(), shops.one), 1)
  const rows = tools[0]?.rows ?? []
  const listed = await Promise.all(
    rows.map(async ({ kind, reason, count }) => {
      const list = listOf({ kind, reason }, 'tiny', period) ?? ''
      const { since, until, ...search } = askedBy(
        new URL(list, 'https://sluice.example.com').searchParams,
      ).search
      const span = await spanOf(pool(), null, { since, until })
      const { lines } = await activityPage(pool(), { ...search, ...span, shopId: shops.one }, null)
      return [kind, reason, count, lines.length]
    }),
  )
  expect(listed).toEqual([
    ['delivered', null, 12, 12],
    ['skipped', 'test_order', 2, 2],
    ['skipped', 'no_email', 1, 1],
    ['newerUnknown', null, 3, 3],
    ['waiting', null, 2, 2],
    ['held', null, 2, 2],
    ['failed', null, 1, 1],
  ])
})

it('what had not arrived is asked for only of what is open, and not when others are sent again', () => {
  const asked = (outcome: string) =>
    askedBy(new URLSearchParams({ outcome, undelivered: 'on' })).search.undelivered
  expect(['waiting', 'held', 'delivered', 'none'].map(asked)).toEqual([true, true, undefined, undefined])
  const form = new FormData()
  for (const [name, value] of [
    ['outcome', 'waiting'],
    ['undelivered', 'on'],
    ['which', 'failed'],
  ] as const)
    form.set(name, value)
  expect(chosenBy(form)).not.toHaveProperty('undelivered')
})

it('what a newer state came to, asked for at no tool, finds nothing and sends nothing again', async () => {
  await keepOrders(2, 'skipped', false, 'superseded')
  const found = async (vendor: string) => {
    const form = new FormData()
    const given = { outcome: 'skipped', reason: 'superseded', newer: 'none', which: 'skipped', vendor }
    for (const [name, value] of Object.entries(given)) form.set(name, value)
    const { since: _, until: __, ...search } = askedBy(form).search
    const { lines } = await activityPage(pool(), { ...search, shopId: shops.one }, null)
    return [lines.length, chosenBy(form).newer]
  }
  expect([await found('tiny'), await found('')]).toEqual([
    [2, 'none'],
    [0, 'none'],
  ])
})

it('a newer state is not asked for beside another reason', () => {
  const asked = { outcome: 'skipped', reason: 'no_email', newer: 'failed', vendor: 'tiny' }
  expect(askedBy(new URLSearchParams(asked)).search.newer).toBeUndefined()
})
