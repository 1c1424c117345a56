/** For tests of this room: two shops, of which the first has connected Alana. */
import { beforeEach } from 'vitest'
import { vendorById } from '../../delivery/connections.ts'
import { twoShops } from '../../delivery/testing-shops.ts'

export const BY = { actor: 'agent@example.com', role: 'agent', address: null } as const
export const SHOP = 'one.myshopify.com'
export const HOLD = { reason: 'The vendor asked us to wait.', until: null }
export const KEY = { apiKey: 'ak_live_0123456789' }

/** Registers the tests' hooks. */
export function connectedShops() {
  const shops = twoShops()
  beforeEach(async () => {
    await shops.connect(shops.one, vendorById('alana'), KEY)
  })
  return { shops, pool: shops.pool, lane: (shopId = shops.one) => ({ shopId, vendor: 'alana' }) }
}
