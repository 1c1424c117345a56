/** What a filter finds in full is more than is counted, or nothing until a tool is chosen: a merchant reads which. */
import { v7 as uuidv7 } from 'uuid'
import { beforeAll, expect, it } from 'vitest'
import { keepDelivery } from '../../app/delivery/testing.ts'
import type { StoreEvent } from '../../app/events/store-event.ts'
import { order, storeEvent } from '../../app/vendors/testing.ts'
import { SHOP } from '../support/app.ts'
import { merchantTools } from '../support/merchant.ts'
import { sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const MANY = 10_001
const tools = merchantTools()
const pool = () => tools.app.server.services.pool

beforeAll(async () => {
  await tools.app.connect('alana')
  const { rows } = await pool().query<{ id: number }>('select id from shops where domain = $1', [SHOP])
  const shopId = rows[0]?.id ?? 0
  const event = storeEvent('order_created', { orderId: '1', order: order({ name: '#1' }), refund: null })
  const failed = { vendor: 'alana', state: 'dead', reason: 'rejected' } as const
  const id = await keepDelivery(pool(), shopId, failed, {
    ...event,
    id: uuidv7(),
    subject: 'order:1',
  } as StoreEvent)
  const idOf = `(substr($1::uuid::text, 1, 24) || lpad(to_hex(n), 12, '0'))::uuid`
  await pool().query(
    `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, subject, consent, data)
     select shop_id, ${idOf}, type, source, 'more' || n, occurred_at, received_at, subject, consent, data
     from events e, generate_series(1, ${MANY}) n where id = $1::uuid`,
    [id],
  )
  await pool().query(
    `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at)
     select shop_id, ${idOf}, vendor, state, reason, done, due_at, created_at, updated_at
     from deliveries d, generate_series(1, ${MANY}) n where event_id = $1::uuid`,
    [id],
  )
})

it.each([1280, 390])(
  'at %i pixels it is said that not all was counted of what is sent again',
  async width => {
    const { page, app } = await tools.open('/app/activity?order=1&outcome=failed', { width })
    await app.getByRole('button', { name: 'Send again…' }).click()
    await app.getByText('Alana: 10,000+ deliveries').waitFor()
    await app.getByText('Not all of it was counted. All that the filters find is sent again.').waitFor()
    await app.getByRole('button', { name: 'Send 10,000+ again' }).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await leave(page)
  },
)

it.each([1280, 390])(
  'at %i pixels a kept link without a tool finds nothing, and says to choose one',
  async width => {
    const { page, app } = await tools.open('/app/activity?outcome=skipped&reason=superseded&newer=failed', {
      width,
    })
    await app.getByText('Choose a tool: a newer state of an order comes to something else at each.').waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await app.getByRole('button', { name: 'Filters' }).click()
    expect(await app.getByText('The newer state: Failed').count()).toBe(0)
    await app.getByLabel('Tool', { exact: true }).selectOption('alana')
    await app.getByText('The newer state: Failed').waitFor()
    await app.getByRole('button', { name: 'Find', exact: true }).click()
    await app.getByText('Remove a filter, or look for something else.').waitFor()
    await leave(page)
  },
)
