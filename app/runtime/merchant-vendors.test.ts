import { expect, it } from 'vitest'
import { vendorById } from '../delivery/connections.ts'
import { HELD_REASONS } from '../delivery/outcome.ts'
import { sealer } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import type { Shop } from '../shopify/shops.ts'
import type { Connecting } from './connecting.ts'
import { createMerchantVendors } from './merchant-vendors.ts'

const shops = twoShops()

it('a merchant who saves a vendor that is being disconnected is told so, and that nothing was saved', async () => {
  const { connect, pool } = shops
  await connect(shops.one, vendorById('alana'), { apiKey: 'ak_live_0123456789' })
  await pool().query('update connections set attention = $1', [HELD_REASONS.disconnecting])
  // What saves without a test needs no more than this.
  const connecting = { pool: pool(), sealer, signal: async () => {} } as unknown as Connecting
  const listed = await createMerchantVendors(connecting).list({ id: shops.one } as Shop)
  expect(listed.find(({ id }) => id === 'alana')?.status.kind).toBe('disconnecting')
  const save = () =>
    createMerchantVendors(connecting).submit({ id: shops.one } as Shop, 'alana', 'saveUntested', {})
  expect(await save()).toEqual({ kind: 'disconnecting' })
  await pool().query('update connections set attention = null')
  expect(await save()).toMatchObject({ kind: 'saved' })
})
