/** Whose an event is taken for, and what its vendors need allowed: as delivery goes by it, from the rows. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { saveConnection, vendorById } from '../delivery/connections.ts'
import { replay } from '../delivery/replay.ts'
import { eventId, keepDelivery, keepEvent, sealer } from '../delivery/testing.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { learnCustomers } from '../identity/customers.ts'
import { learnLinks } from '../identity/learn-links.ts'
import type { Said } from '../identity/links.ts'
import { learnRefusals } from '../identity/refusals.ts'
import { createSealer } from '../secrets/seal.ts'
import { installShop, type Shop, shopById } from '../shopify/shops.ts'
import { orderEvent, product, storeEvent } from '../vendors/testing.ts'
import { explained, personInClear } from './explained.ts'

let test: TestDatabase
let shop: Shop
let other: Shop
let view: StoreEvent
const NOTHING: Said = { sessions: [], checkouts: [], attested: [] }
const SAID_AT = '2026-11-20T11:00:00.000Z'
const pool = () => test.database.pool
const context = () => ({ database: test.database, sealer })
const told = async (id = view.id, of = shop) => explained(context(), of, id)
const identity = async (id?: string) => (await told(id))?.identity

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  const installed = async (name: string) => {
    const { id } = await installShop(test.database.prisma, `${name}.myshopify.com`, [])
    return (await shopById(pool(), id)) as Shop
  }
  shop = await installed('one')
  other = await installed('two')
  view = await viewed(1)
})

async function viewed(number: number, over: Partial<StoreEvent['actor']> = {}): Promise<StoreEvent> {
  const actor = { ...NOBODY, visitorId: 'v1', consent: { analytics: true, marketing: true }, ...over }
  const event = {
    ...storeEvent('product_viewed', { url: null, product: product({}) }),
    ...{ id: eventId(number), dedupeKey: `test:${number}`, actor },
  }
  await keepEvent(pool(), shop.id, event)
  return event
}
const signsIn = (customerId: string) =>
  withTransaction(pool(), client => {
    const said = { shopId: shop.id, visitorId: 'v1', customerId, at: SAID_AT }
    return learnLinks(client, sealer, { ...NOTHING, sessions: [said] })
  })
const ordersAsGuest = (email: string) =>
  withTransaction(pool(), client => {
    const person = { customerId: null, email, acceptsMarketing: true }
    const said = { shopId: shop.id, token: 'checkout:a', visitorId: 'v1', person, at: SAID_AT }
    return learnLinks(client, sealer, { ...NOTHING, attested: [said] })
  })
const isKnown = (customerId: string, email: string) =>
  withTransaction(pool(), client => {
    const unsaid = { phone: '+421900000012', firstName: 'Jane', lastName: null, marketing: null }
    const notice = { ...unsaid, customerId, email, updatedAt: SAID_AT }
    return learnCustomers(client, sealer, [{ shopId: shop.id, notice }])
  })

describe('whom a view is taken for', () => {
  it('is the customer who has signed in in its browser, with the e-mail of the record, masked', async () => {
    await signsIn('7')
    await isKnown('7', 'jane@example.com')
    const story = await told()
    expect(story?.identity).toEqual({
      ...{ kind: 'person', customerId: '7', email: 'j…@example.com', phone: '…12' },
      ...{ acceptsMarketing: null, by: 'session', since: expect.any(String), later: false },
    })
    // What the event itself carried stays told as it was.
    expect(story?.event.actor).toMatchObject({ visitorId: 'v1', customerId: null, email: null })
    expect(JSON.stringify(story)).not.toContain('jane')
  })

  it('is the guest of a checkout, with what they ticked there', async () => {
    await ordersAsGuest('jane@example.com')
    const guest = { customerId: null, email: 'j…@example.com', acceptsMarketing: true, by: 'checkout' }
    expect(await identity()).toMatchObject(guest)
  })

  it('took the whole story with it where the key that sealed its person is missing', async () => {
    const ordered = await viewed(2, { email: 'jane@example.com' })
    const keyless = createSealer([{ id: 'other', bytes: Buffer.alloc(32, 8) }])
    const story = await explained({ ...context(), sealer: keyless }, shop, ordered.id)
    expect(story?.identity).toEqual({ kind: 'unreadable', open: false })
    expect(story?.event).toMatchObject({
      type: 'product_viewed',
      actor: { visitorId: 'v1', email: null, consent: { analytics: true, marketing: true } },
    })
    expect((await told(ordered.id))?.identity).toMatchObject({ kind: 'person', email: 'j…@example.com' })
  })

  it.each([
    ['pending', true],
    ['held', true],
    ['dead', false],
    ['delivered', false],
  ] as const)(
    'was said to be waited for where all had ended, and is where it is open: %s',
    async (state, open) => {
      const { id } = await viewed(2, { email: 'jane@example.com' })
      await pool().query(`update events set personal = left(personal, -4) || 'AAAA' where id = $1`, [id])
      await keepDelivery(pool(), shop.id, { vendor: 'topmail', state }, { id })
      expect(await identity(id)).toEqual({ kind: 'unreadable', open })
    },
  )

  it('is nobody while the browser names nobody, and where several use it', async () => {
    expect(await identity()).toEqual({ kind: 'nobody', browser: true })
    await signsIn('7')
    await ordersAsGuest('joe@example.com')
    expect(await identity()).toEqual({ kind: 'shared' })
  })

  it('is the customer whom the event names itself, whoever else has used the browser', async () => {
    await signsIn('7')
    await signsIn('8')
    await isKnown('7', 'jane@example.com')
    const { id } = await viewed(2, { customerId: '7' })
    expect(await identity(id)).toMatchObject({ customerId: '7', email: 'j…@example.com', by: 'event' })
  })

  it('may have been unknown when something was sent, if that was before it was learned', async () => {
    await pool().query(
      `insert into exchanges (shop_id, id, vendor, started_at, duration_ms, request, response, error)
       values ($1, $2, 'topmail', now() - interval '1 hour', 5, '{}', '{"status":200}', null)`,
      [shop.id, eventId(9)],
    )
    await keepDelivery(pool(), shop.id, { vendor: 'topmail', state: 'delivered' }, { id: view.id })
    await pool().query(
      `insert into attempts (shop_id, event_id, vendor, number, part, step, outcome, exchange_id)
       values ($1, $2, 'topmail', 1, 0, 'event', 'delivered', $3)`,
      [shop.id, view.id, eventId(9)],
    )
    await signsIn('7')
    expect(await identity()).toMatchObject({ customerId: '7', later: true })
    await pool().query(`update visitor_links set linked_at = now() - interval '2 hours'`)
    expect(await identity()).toMatchObject({ customerId: '7', later: false })
  })

  it('is, of a notice that does not hold its order, who ordered', async () => {
    const order = { ...orderEvent('order_created'), id: eventId(3), dedupeKey: 'o' }
    const actor = { ...NOBODY, customerId: '7', email: 'jane@example.com' }
    const subject = 'order:1'
    await keepEvent(pool(), shop.id, { ...order, actor, subject })
    const data = { ...order.data, order: null }
    const later = { ...order, type: 'order_refunded', id: eventId(4), dedupeKey: 'r', data, subject }
    await keepEvent(pool(), shop.id, { ...later, actor: NOBODY } as StoreEvent)
    expect(await identity(eventId(4))).toMatchObject({ email: 'j…@example.com', by: 'order' })
  })

  it('is told of no other shop’s event', async () => {
    expect(await told(view.id, other)).toBeNull()
  })
})

describe('what a vendor needs allowed', () => {
  const needs = async () => (await told())?.needs
  beforeEach(async () => {
    await keepDelivery(pool(), shop.id, { vendor: 'topmail' }, { id: view.id })
  })

  it('goes by what the shop has chosen, and says when it was withdrawn', async () => {
    const save = (purposes: object) =>
      saveConnection(pool(), sealer, shop.id, vendorById('topmail'), {
        apiKey: 'tm_live_0123456789',
        purposes,
      })
    await save({ product_viewed: 'analytics' })
    expect(await needs()).toEqual({ topmail: [{ purpose: 'analytics', stands: 'allowed', at: null }] })
    await save({ product_viewed: 'analytics+marketing' })
    const at = '2026-11-20T13:00:00.000Z'
    const refusal = { shopId: shop.id, visitorId: 'v1', subjects: [], analytics: null, marketing: at }
    await withTransaction(pool(), client => learnRefusals(client, [refusal]))
    expect((await needs())?.topmail).toEqual([
      { purpose: 'analytics', stands: 'allowed', at: null },
      { purpose: 'marketing', stands: 'withdrawn', at },
    ])
  })

  it('is not told where the settings do not unseal, and the rest of the story is', async () => {
    await saveConnection(pool(), sealer, shop.id, vendorById('topmail'), { apiKey: 'tm_live_0123456789' })
    await pool().query("update connections set secrets = 'sealed under a key that is gone'")
    expect(await told()).toMatchObject({ needs: {}, deliveries: [{ vendor: 'topmail' }] })
  })
})

describe('the person in the clear', () => {
  const clear = (id = view.id, of = shop) => personInClear(context(), of, id)

  it('is what is sealed with the event, of this shop alone', async () => {
    const { id } = await viewed(2, { email: 'jane@example.com', firstName: 'Jane' })
    expect(await clear(id)).toMatchObject({ email: 'jane@example.com', firstName: 'Jane' })
    expect(await clear(id, other)).toBeNull()
  })

  it('is whom the browser is known by, as the story masks them; nobody where it is shared or unknown', async () => {
    expect(await clear()).toBeNull()
    await signsIn('7')
    await isKnown('7', 'jane@example.com')
    expect(await clear()).toMatchObject({ email: 'jane@example.com', firstName: 'Jane' })
    await signsIn('8')
    expect(await clear()).toBeNull()
  })

  it('is nobody where nothing is kept', async () => {
    const { id } = await viewed(2, { email: 'jane@example.com', visitorId: null })
    await pool().query('update events set personal = null')
    expect(await clear(id)).toBeNull()
  })
})

it('what was skipped and is sent again days later was told to have waited its turn for days', async () => {
  await saveConnection(pool(), sealer, shop.id, vendorById('alana'), { apiKey: 'ak_live_0123456789' })
  await keepDelivery(pool(), shop.id, { vendor: 'alana', state: 'skipped', reason: 'mapping_off' }, view)
  const ago = "now() - interval '3 days'"
  await pool().query(
    `update deliveries set created_at = ${ago}, updated_at = ${ago}, trying_since = null, attempts = 0`,
  )
  expect((await replay(pool(), { shopId: shop.id, eventId: view.id, states: ['skipped'] })).count).toBe(1)
  await pool().query(
    `with exchange as (
       insert into exchanges (shop_id, id, vendor, started_at, duration_ms, request, response)
       values ($1, $2, 'alana', now() + interval '1 second', 20, '{}', '{"status":200}') returning id)
     insert into attempts (shop_id, event_id, vendor, number, part, step, exchange_id, outcome)
     select $1, $3, 'alana', 1, 0, 'event', id, 'delivered' from exchange`,
    [shop.id, eventId(99), view.id],
  )
  await pool().query("update deliveries set state = 'delivered', attempts = 1, replay = false")
  const [delivery] = (await told())?.deliveries ?? []
  expect([delivery?.attempts.length, delivery?.again.length, delivery?.late]).toEqual([1, 1, null])
})
