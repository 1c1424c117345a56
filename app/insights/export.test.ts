import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { eventId, keepEvent, newShop, sealer } from '../delivery/testing.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { product, storeEvent } from '../vendors/testing.ts'
import { exportPage } from './export.ts'

let test: TestDatabase
let shopId: number
const pool = () => test.database.pool
const period = { since: new Date('2020-01-01'), until: new Date('2099-01-01') }

beforeAll(async () => {
  test = await testDatabase()
  shopId = await newShop(pool(), 'one')
})
afterAll(() => test.drop())

const view = (number: number, actor: Partial<StoreEvent['actor']>) =>
  keepEvent(pool(), shopId, {
    ...storeEvent('product_viewed', { url: null, product: product({}) }),
    ...{ id: eventId(number), dedupeKey: `test:${number}`, actor: { ...NOBODY, ...actor } },
  })

it('says whom events are taken for that bear no e-mail address, masked, asking once for a page', async () => {
  await view(1, { visitorId: 'v1' })
  await view(2, { visitorId: 'v2' })
  await view(3, { customerId: '8', email: 'joe@example.com' })
  const withPeople = vi.fn(async (events: readonly StoreEvent[]) =>
    events.map(event => {
      const isKnown = event.actor.visitorId === 'v1'
      return isKnown
        ? { ...event, actor: { ...event.actor, customerId: '7', email: 'jane@example.com' } }
        : event
    }),
  )
  const { lines } = await exportPage({ pool: pool(), sealer, withPeople }, shopId, period, null, null, null)
  const told = lines
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(told.map(({ person }) => person)).toEqual([
    { customerId: '7', email: 'j…@example.com' },
    undefined,
    undefined,
  ])
  // What the event itself says stays as it was.
  expect(told[0].actor).toMatchObject({ customerId: null, email: null })
  expect(lines).not.toContain('jane')
  expect(withPeople.mock.calls.map(([events]) => events.map(({ id }) => id))).toEqual([
    [eventId(1), eventId(2)],
  ])
})
