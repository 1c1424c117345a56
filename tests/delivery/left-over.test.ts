/** What an older state has left to do beside itself, decided with a real vendor's plan. */
import { expect, it } from 'vitest'
import type { AnyVendor } from '../../app/delivery/connections.ts'
import { type Due, decide } from '../../app/delivery/decide.ts'
import type { StoreEvent } from '../../app/events/store-event.ts'
import { ecomail } from '../../app/vendors/ecomail/index.ts'
import { ecomailSettings } from '../../app/vendors/ecomail/settings.ts'
import { orderEvent, SHOP } from '../../app/vendors/testing.ts'

const created = { ...orderEvent('order_created'), id: '01930000-0000-7000-8000-000000000001' } as StoreEvent
const paid = { ...orderEvent('order_paid'), id: '01930000-0000-7000-8000-000000000002' } as StoreEvent
const due = (event: StoreEvent, done: string[]): Due => ({
  event,
  attempts: done.length,
  done,
  triggeredAt: null,
  since: null,
  replayed: false,
})
const decided = (...deliveries: Due[]) =>
  decide(deliveries, {
    vendor: ecomail as AnyVendor,
    settings: ecomailSettings.parse({ apiKey: 'k' }),
    shop: SHOP,
    now: new Date(created.receivedAt),
    memories: new Map([
      [
        created.subject ?? '',
        { version: paid.version, fingerprint: 'of what was paid', eventId: paid.id, triggeredAt: null },
      ],
    ]),
  })

it('a new order whose transaction arrived still empties the basket after a newer state was delivered', () => {
  const { steps, outcomes } = decided(due(created, ['transaction']))
  expect(steps.map(step => step.name)).toEqual(['clear-basket'])
  expect(outcomes.size).toBe(0)
})

it('and one of which nothing arrived has nothing left to do', () => {
  const { steps, outcomes } = decided(due(created, []))
  expect(steps).toEqual([])
  expect(outcomes.get(created.id)).toMatchObject({ state: 'skipped', reason: 'superseded' })
})
