/** From the notice of a checkout to what a vendor gets when nobody came back to it. */
import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { deriveAbandoned } from '../../app/delivery/abandoned.ts'
import { openConnections } from '../../app/delivery/connection-cache.ts'
import { explainEvent } from '../../app/insights/explain.ts'
import { createLog } from '../../app/log.ts'
import { VENDORS } from '../../app/vendors/registry.ts'
import { checkoutPayload, orderPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { SETTINGS } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'
import { minute } from '../support/orders.ts'

const TOMORROW = new Date(Date.now() + 24 * 3600_000)
const { app, order } = freshApp()
beforeEach(() =>
  app.connect('voucherify', {
    ...SETTINGS.voucherify,
    rows: { order_created: false, checkout_started: false },
  }),
)

async function timePasses(): Promise<number> {
  const { pool, sealer, engine } = app.server.services
  const made = await deriveAbandoned(
    { pool, sealer, open: openConnections(sealer, VENDORS), log: createLog('silent'), signal: () => {} },
    TOMORROW,
  )
  if (made > 0) await engine.signal(app.lane('voucherify'))
  await app.idle()
  return made
}
const update = (over: object = {}) =>
  app.store.webhook({ topic: 'checkouts/update', payload: { ...checkoutPayload(order.options()), ...over } })
const events = () => app.vendors.inbox('voucherify').map(entry => entry.body)

describe('a checkout that nobody comes back to', () => {
  it('is one custom event at Voucherify, however often it was updated and looked at', async () => {
    await update()
    await update({ updated_at: minute(5) })
    await update({ updated_at: minute(3) })
    expect(await timePasses()).toBe(1)
    expect(await timePasses()).toBe(0)
    expect(events()).toMatchObject([
      {
        event: 'cart_abandoned',
        customer: { source_id: String(SIGNED_IN.id) },
        metadata: { currency: 'EUR' },
      },
    ])
    expect(app.vendors.counts('voucherify')).toMatchObject({ received: 1, accepted: 1 })
  })

  it.each([
    [
      'its order',
      () => app.store.webhook({ topic: 'orders/create', payload: orderPayload(order.options()) }),
    ],
    ['its completion', () => update({ completed_at: minute(9), updated_at: minute(9) })],
  ])('is none after %s, on whichever side of the checkout that arrives', async (_, close) => {
    await update()
    await close()
    expect(await timePasses()).toBe(0)
    order.next()
    await close()
    await update()
    expect(await timePasses()).toBe(0)
    expect(events()).toEqual([])
  })

  it('can be explained, before and after', async () => {
    await update()
    const { pool, prisma } = app.server.services.database
    const found = await pool.query<{ id: string }>(`select id from events where type = 'checkout_updated'`)
    const id = found.rows[0]?.id ?? ''
    const story = async () =>
      (await explainEvent({ pool, prisma }, app.server.services.sealer, app.shopId, id))?.story
    expect((await story())?.checkout).toEqual({ dueAt: expect.any(Date), orderedAt: null, abandonedAt: null })
    await timePasses()
    expect((await story())?.checkout).toEqual({ dueAt: null, orderedAt: null, abandonedAt: TOMORROW })
  })

  it('is still one after Shopify deleted it, which says nothing about an order', async () => {
    await update()
    await app.store.webhook({
      topic: 'checkouts/delete',
      payload: { id: 1, cart_token: checkoutPayload(order.options()).cart_token },
    })
    expect(await timePasses()).toBe(1)
  })

  it('does not reach a vendor when the visitor refused marketing', async () => {
    await update({ note_attributes: [{ name: 'sluice_consent', value: 'analytics=1,marketing=0' }] })
    expect(await timePasses()).toBe(1)
    expect(await app.states()).toEqual([['checkout_abandoned', 'skipped', 'no_consent']])
    expect(events()).toEqual([])
  })

  it('is one for the same notice under two ids in one moment', async () => {
    const payload = checkoutPayload(order.options())
    const send = () => app.store.webhook({ topic: 'checkouts/update', payload, webhookId: randomUUID() })
    await Promise.all([send(), send()])
    expect(await timePasses()).toBe(1)
    expect(events()).toHaveLength(1)
  })
})
