/** What webhooks change besides making events: the shop itself, and what is known of customers. */
import { describe, expect, it } from 'vitest'
import { acceptCredentials, switchLane } from '../../app/delivery/lane-state.ts'
import { customerPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { freshApp } from '../support/fresh-app.ts'

const { app, order } = freshApp()
const rows = async (table: string) => (await app.server.services.pool.query(`select * from ${table}`)).rows

describe('a shop', () => {
  const domain = 'leaving.myshopify.com'
  const install = (at: string) =>
    app.server.services.pool.query(
      'insert into shops (domain, scopes, installed_at) values ($1, $2, $3) on conflict (domain) do update set uninstalled_at = null, installed_at = excluded.installed_at',
      [domain, [], at],
    )
  const shop = async () =>
    (await app.server.services.pool.query('select * from shops where domain = $1', [domain])).rows[0]

  it('that uninstalled is no longer installed, though its payload names no domain', async () => {
    await install('2026-01-01T00:00:00Z')
    await app.store.webhook({
      topic: 'app/uninstalled',
      shop: domain,
      payload: { id: 1, myshopify_domain: null, domain: null },
    })
    expect((await shop()).uninstalled_at).not.toBeNull()
    const later = await app.store.webhook({ topic: 'orders/create', shop: domain, payload: order.payload() })
    expect(await later.json()).toMatchObject({ status: 'ignored' })
  })

  it('that uninstalled gets nothing more sent, until its connection is tested again', async () => {
    const { pool } = app.server.services
    await app.connect('ecomail')
    await switchLane(pool, app.lane('ecomail'), false)
    await app.store.webhook({ topic: 'orders/create', payload: order.payload() })
    await app.store.webhook({ topic: 'app/uninstalled', payload: { id: 1 } })
    await switchLane(pool, app.lane('ecomail'), true)
    expect(await app.states()).toEqual([['order_created', 'held', 'uninstalled']])
    await pool.query('update shops set uninstalled_at = null')
    await acceptCredentials(pool, app.lane('ecomail'))
    await app.signal('ecomail')
    await app.idle()
    expect(await app.states()).toEqual([['order_created', 'delivered', null]])
  })

  it('that was installed again is not uninstalled by an old notice', async () => {
    await install(new Date().toISOString())
    await app.store.webhook({
      topic: 'app/uninstalled',
      shop: domain,
      payload: { id: 1 },
      triggeredAt: '2026-01-02T00:00:00Z',
    })
    expect((await shop()).uninstalled_at).toBeNull()
  })

  it('has its new scopes and name recorded', async () => {
    await install('2026-01-01T00:00:00Z')
    await app.store.webhook({
      topic: 'app/scopes_update',
      shop: domain,
      payload: { id: 1, previous: ['read_orders'], current: ['read_orders', 'read_products'] },
    })
    await app.store.webhook({
      topic: 'shop/update',
      shop: domain,
      payload: { id: 1, name: 'New Name', currency: 'CZK', domain: 'new.example.com' },
    })
    expect(await shop()).toMatchObject({
      scopes: ['read_orders', 'read_products'],
      name: 'New Name',
      currency: 'CZK',
      primary_domain: 'new.example.com',
    })
  })

  it('has its privacy requests recorded after it has uninstalled, with the person sealed', async () => {
    await install('2026-01-01T00:00:00Z')
    await app.store.webhook({ topic: 'app/uninstalled', shop: domain, payload: { id: 1 } })
    for (const topic of ['customers/data_request', 'customers/redact', 'shop/redact']) {
      const answer = await app.store.webhook({
        topic,
        shop: domain,
        payload: {
          shop_id: 1,
          shop_domain: domain,
          customer: { id: 9, email: 'gone@example.com', phone: null },
          orders_to_redact: [1],
        },
      })
      expect(answer.status).toBe(200)
    }
    const requests = await rows('privacy_requests')
    expect(requests.map(request => request.topic).sort()).toEqual([
      'customers/data_request',
      'customers/redact',
      'shop/redact',
    ])
    expect(JSON.stringify(requests)).not.toContain('gone@example.com')
  })
})

it('a customer notice that is older than what is known takes nothing back', async () => {
  await app.store.webhook({
    topic: 'customers/update',
    payload: { ...customerPayload(SIGNED_IN, '2026-11-20T10:00:00Z'), email: 'new@example.com' },
  })
  await app.store.webhook({
    topic: 'customers/update',
    payload: { ...customerPayload(SIGNED_IN, '2026-11-19T10:00:00Z'), email: 'old@example.com' },
  })
  const row = (await rows('customers'))[0]
  const { sealer } = app.server.services
  expect(
    JSON.parse(sealer.unseal(row.personal, [String(app.shopId), 'customer', row.customer_id])),
  ).toMatchObject({ email: 'new@example.com' })
})
