/** What tests of fleet actions share: two shops with a delivery that waits, and the steps taken here. */
import { beforeEach } from 'vitest'
import { beginFleet, type FleetOrder, type NewFleet } from './fleet.ts'
import { ALL_SHOPS } from './fleet-filter.ts'
import { fleetStep } from './fleet-step.ts'
import type { Lane } from './lane.ts'
import { eventId, keepDelivery } from './testing.ts'
import { twoShops } from './testing-shops.ts'

export const BY = { actor: 'agent@example.com', role: 'agent', address: '192.0.2.7' } as const
export const OUTAGE = 'Their servers are down.'
export const HOLD: FleetOrder = {
  kind: 'hold',
  vendor: 'tiny',
  filter: ALL_SHOPS,
  reason: OUTAGE,
  until: null,
}
export const RELEASE: FleetOrder = { ...HOLD, kind: 'release', reason: 'They are back.' }

/** Registers the tests' hooks: both shops have the vendor, and a delivery of it. */
export function fleetTools() {
  const shops = twoShops()
  const { connect, pool } = shops
  let signalled: Lane[] = []
  beforeEach(async () => {
    signalled = []
    for (const id of [shops.one, shops.two]) {
      await connect(id)
      await keepDelivery(pool(), id, { state: 'pending' }, { id: eventId(0) })
    }
  })
  const step = (id: string) => fleetStep(pool(), id, async each => void signalled.push(each))
  const begin = (order: Partial<NewFleet> = {}) => beginFleet(pool(), BY, { ...HOLD, ...order })
  const rows = async (sql: string) => (await pool().query(sql)).rows
  return {
    shops,
    step,
    begin,
    rows,
    signalled: () => signalled,
    async carryOut(order: Partial<NewFleet> = {}): Promise<string> {
      const id = await begin(order)
      while (await step(id));
      return id
    },
    holds: async () =>
      (await rows('select hold_reason from connections order by shop_id')).map(row => row.hold_reason),
    audit: () =>
      rows(
        'select actor, role, address, action, shop, vendor, subject, reason, before, after from audit_entries order by id',
      ),
  }
}
