import { describe, expect, it } from 'vitest'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { orderEvent, storeEvent } from '../vendors/testing.ts'
import { fillOrders } from './fill-orders.ts'
import { eventId, keepEvent, sealer } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { pool } = shops
const fill = (events: readonly StoreEvent[]) => fillOrders(pool(), sealer, shops.one, events)

/** An event that holds the order 5123456789012, of the person given. */
const holding = (n: number, email: string): StoreEvent => ({
  ...orderEvent('order_updated'),
  id: eventId(n),
  dedupeKey: `order:${n}`,
  actor: { ...NOBODY, email },
})
/** A notice about the order without it. */
const notice = (n: number, orderId = '5123456789012'): StoreEvent => ({
  ...storeEvent('order_refunded', { orderId, order: null, refund: null }, { source: 'webhook' }),
  id: eventId(n),
  dedupeKey: `refund:${n}`,
  subject: `order:${orderId}`,
  actor: NOBODY,
})

describe('fillOrders', () => {
  it('does not know an order whose person does not unseal, and says so of its notices alone', async () => {
    await keepEvent(pool(), shops.one, holding(1, 'old@example.com'))
    await pool().query(`update events set personal = 'v1.lost.AAAA'`)
    const view = storeEvent('search_submitted', { url: null, query: 'x' })
    expect(await fill([notice(4), view])).toEqual([{ orderUnknown: true }, { event: view }])
  })

  it('gives a notice the person of its order, as last told', async () => {
    await keepEvent(pool(), shops.one, holding(1, 'old@example.com'))
    await keepEvent(pool(), shops.one, holding(2, 'new@example.com'))
    await keepEvent(pool(), shops.one, notice(3))
    expect(await fill([notice(4)])).toEqual([
      { event: { ...notice(4), actor: { ...NOBODY, email: 'new@example.com' } } },
    ])
  })

  it('says of which the order is not known, in the order asked', async () => {
    await keepEvent(pool(), shops.one, holding(1, 'jane@example.com'))
    const view = storeEvent('search_submitted', { url: null, query: 'x' })
    const filled = await fill([notice(2, '99'), view, notice(3), holding(4, 'own@example.com')])
    expect(filled).toMatchObject([
      { orderUnknown: true },
      { event: view },
      { event: { id: eventId(3), actor: { email: 'jane@example.com' } } },
      { event: { id: eventId(4), actor: { email: 'own@example.com' } } },
    ])
  })

  it('does not take another shop’s order for it', async () => {
    await keepEvent(pool(), shops.two, holding(1, 'jane@example.com'))
    expect(await fill([notice(2)])).toEqual([{ orderUnknown: true }])
  })

  it('does not take another notice for the order', async () => {
    await keepEvent(pool(), shops.one, notice(1))
    expect(await fill([notice(2)])).toEqual([{ orderUnknown: true }])
  })

  it('leaves events that need none as they are', async () => {
    const events = [storeEvent('search_submitted', { url: null, query: 'x' }), holding(1, 'a@example.com')]
    expect(await fill(events)).toEqual(events.map(event => ({ event })))
    expect(await fill([])).toEqual([])
  })
})
