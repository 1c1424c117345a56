import { beforeEach, describe, expect, it } from 'vitest'
import { vendorById } from '../delivery/connections.ts'
import { keepDelivery } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { provedVendors } from './proved.ts'

const shops = twoShops()
const { pool } = shops
const proved = async () => [...(await provedVendors(pool(), shops.one))]
const test = (ok: boolean) =>
  pool().query('update connections set tested_at = now(), test_ok = $1 where shop_id = $2', [ok, shops.one])
const keep = async (state: 'delivered' | 'dead', minutes: number, shopId = shops.one) => {
  const id = await keepDelivery(pool(), shopId, { vendor: 'alana', state })
  await pool().query(
    'update deliveries set updated_at = now() + make_interval(mins => $2) where event_id = $1',
    [id, minutes],
  )
}

beforeEach(async () => {
  await shops.connect(shops.one, vendorById('alana'), { apiKey: 'ak_live_0123456789' })
})

describe('what is saved is known to work', () => {
  it('not before anything has reached the vendor', async () => {
    expect(await proved()).toEqual([])
    await keep('dead', 1)
    await keep('delivered', 1, shops.two)
    expect(await proved()).toEqual([])
  })

  it('after a test that passed, not after one that failed', async () => {
    await test(true)
    expect(await proved()).toEqual(['alana'])
    await test(false)
    expect(await proved()).toEqual([])
  })

  it('after a delivery since the settings were saved or tested, not by one before that', async () => {
    await keep('delivered', -60)
    expect(await proved()).toEqual([])
    await test(false)
    expect(await proved()).toEqual([])
    await keep('delivered', 1)
    expect(await proved()).toEqual(['alana'])
  })

  it('not by what arrived between a test that failed and the saving of what it was of', async () => {
    await pool().query(
      "update connections set tested_at = now() - interval '1 hour', test_ok = false where shop_id = $1",
      [shops.one],
    )
    await keep('delivered', -30)
    expect(await proved()).toEqual([])
  })
})
