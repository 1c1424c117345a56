import { expect, it } from 'vitest'
import { NOBODY } from '../events/store-event.ts'
import { orderEvent, storeEvent } from '../vendors/testing.ts'
import { lateOf } from './late.ts'

const TAKEN_UP = new Date('2026-11-20T12:00:00Z')
const after = (seconds: number) => new Date(TAKEN_UP.getTime() + seconds * 1000)
const first = (seconds: number, number = 1) => [{ number, startedAt: after(seconds) }]
const search = {
  ...storeEvent('search_submitted', { url: null, query: 'lamp' }),
  ...{ source: 'storefront' as const, actor: { ...NOBODY, visitorId: 'v1' } },
}

it('is told from ten seconds on, with what it may have waited for', () => {
  const order = orderEvent('order_created')
  expect(lateOf(order, TAKEN_UP, first(23), [])).toEqual({ ms: 23_000, mayWaitFor: null })
  expect(lateOf(order, TAKEN_UP, first(10), [])).toBeNull()
  expect(lateOf(search, TAKEN_UP, first(23), [])).toEqual({ ms: 23_000, mayWaitFor: 'visitor' })
  const refund = { ...order, type: 'order_refunded', data: { ...order.data, order: null } } as typeof order
  expect(lateOf(refund, TAKEN_UP, first(23), [])).toMatchObject({ mayWaitFor: 'order' })
})

it('is not told of what was not tried, whose first attempt is gone, or that a stop tells', () => {
  expect(lateOf(search, TAKEN_UP, [], [])).toBeNull()
  expect(lateOf(search, TAKEN_UP, first(23, 2), [])).toBeNull()
  expect(lateOf(search, TAKEN_UP, first(23), [{ from: after(-5) }])).toBeNull()
  // What stopped it after that did not make it late.
  expect(lateOf(search, TAKEN_UP, first(23), [{ from: after(40) }])).not.toBeNull()
})
