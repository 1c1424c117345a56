/** `Retry-After` through the whole app: obeyed to the second where it makes sense, bounded where not. */
import { beforeEach, describe, expect, it } from 'vitest'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { orderPayload } from '../../sandbox/store/payloads.ts'
import { SETTINGS } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'

const THREE_DAYS = 72 * 3600
const { app, order } = freshApp()
beforeEach(() => app.connect('ecomail', { ...SETTINGS.ecomail, clearBasket: false }))

const refuse = (headers: Record<string, string>) =>
  app.vendors.fail('ecomail', { status: 429, times: 1, ...(Object.keys(headers).length > 0 && { headers }) })

/** For how many seconds from the first answer the lane and its first delivery wait. */
async function waits(shopId = app.shopId): Promise<{ lane: number; delivery: number; state: string }> {
  const { rows } = await app.server.services.pool.query(
    `select extract(epoch from c.paused_until - x.heard)::float8 as lane,
       extract(epoch from d.due_at - x.heard)::float8 as delivery, d.state
     from connections c join deliveries d using (shop_id, vendor),
       lateral (select min(started_at + make_interval(secs => duration_ms / 1000.0)) as heard from exchanges) x
     where c.shop_id = $1`,
    [shopId],
  )
  return rows[0] ?? { lane: Number.NaN, delivery: Number.NaN, state: 'none' }
}
const paused = () => expect.poll(async () => (await waits()).lane, { timeout: 10_000 }).toBeGreaterThan(0)
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000)

describe('a 429', () => {
  it.each<[string, () => string | null, number, number]>([
    ['seconds', () => '30', 30, 30],
    ['an HTTP date', () => inSeconds(30).toUTCString(), 29, 30],
    ['an ISO date', () => inSeconds(30).toISOString(), 30, 30],
    ['Unix seconds', () => String(Math.floor(Date.now() / 1000) + 30), 29, 30],
    ['a year', () => '31536000', THREE_DAYS, THREE_DAYS],
    ['a date in a year', () => inSeconds(365 * 86_400).toUTCString(), THREE_DAYS, THREE_DAYS],
    ['no time at all', () => '0', 1, 1],
    ['a time in the past', () => inSeconds(-3600).toUTCString(), 1, 1],
    ['a negative time', () => '-5', 10, 10],
    ['nonsense', () => 'in a while', 10, 10],
    ['nothing', () => null, 10, 10],
  ])('that announces %s stops the lane for as long, within bounds', async (_, value, least, most) => {
    const text = value()
    refuse(text === null ? {} : { 'Retry-After': text })
    await order.send('orders/create')
    await paused()
    const { lane, delivery, state } = await waits()
    expect(state).toBe('retry')
    expect(lane).toBeGreaterThan(least - 0.5)
    expect(lane).toBeLessThan(most + 1.5)
    if (least > 10) expect(delivery).toBeGreaterThan(least - 0.5)
    expect(delivery).toBeLessThan(most + 2.5)
  })

  it('is not asked again before its time, and at once when it comes', async () => {
    refuse({ 'Retry-After': '2' })
    await order.send('orders/create')
    order.next()
    await paused()
    await order.send('orders/create')
    await app.idle()
    const [first, ...others] = app.vendors.inbox('ecomail').map(({ at }) => Date.parse(at))
    expect(others).toHaveLength(2)
    for (const at of others) {
      expect(at - (first ?? 0)).toBeGreaterThanOrEqual(1_990)
      expect(at - (first ?? 0)).toBeLessThan(4_500)
    }
  })

  it('of a year does not outlive the three days after which a delivery is given up', async () => {
    refuse({ 'Retry-After': '31536000' })
    await order.send('orders/create')
    await paused()
    refuse({ 'Retry-After': '31536000' })
    const { pool } = app.server.services
    await pool.query(`update connections set paused_until = null`)
    await pool.query('truncate allowances')
    await pool.query(`update deliveries set due_at = now(), trying_since = now() - interval '73 hours'`)
    await app.signal('ecomail')
    await app.idle()
    expect(await app.states()).toEqual([['order_created', 'dead', 'gave_up']])
  })

  it('stops another shop with the same key too, and none with another key', async () => {
    const { database, sealer } = app.server.services
    const other = 'sandbox-ecomail-key-of-others'
    app.vendors.credentials.ecomail.apiKeys.add(other)
    const shop = async (domain: string, apiKey: string) => {
      const { id } = await installShop(database.prisma, domain, [])
      await saveConnection(database.pool, sealer, id, vendorById('ecomail'), { apiKey, clearBasket: false })
      return id
    }
    const same = await shop('same-key.myshopify.com', SETTINGS.ecomail.apiKey)
    const apart = await shop('other-key.myshopify.com', other)
    refuse({ 'Retry-After': '300' })
    await order.send('orders/create')
    await paused()
    for (const domain of ['same-key', 'other-key']) {
      const payload = orderPayload(order.options())
      await app.store.webhook({ topic: 'orders/create', payload, shop: `${domain}.myshopify.com` })
    }
    await expect.poll(async () => (await waits(apart)).state, { timeout: 10_000 }).toBe('delivered')
    await expect.poll(async () => (await waits(same)).lane, { timeout: 10_000 }).toBeGreaterThan(299)
    expect((await waits(same)).lane).toBeLessThan(302)
    expect((await waits(same)).state).toBe('pending')
    expect(app.vendors.counts('ecomail')).toMatchObject({ received: 2, accepted: 1 })
  })
})
