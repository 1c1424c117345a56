/** Customers that become one, and people who ask to be erased. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eraseRequested } from '../../app/delivery/erasures.ts'
import { createLog } from '../../app/log.ts'
import { checkoutPayload, customerPayload, GUEST_EMAIL, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { SETTINGS } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'
import { steps, VISITOR } from './steps.ts'

const { app, order } = freshApp()
let shopper: ReturnType<typeof steps>
const old = { ...SIGNED_IN, id: 7012345678777, email: 'old@example.com' }
const gid = (id: number) => `gid://shopify/Customer/${id}`
const pool = () => app.server.services.pool

beforeEach(async () => {
  shopper = steps(app)
  await pool().query(`update shops set collectors = '{}', person_wait_hours = 24`)
  await app.connect('topmail', { ...SETTINGS.topmail, createContacts: true })
})
/** What one test sends arrives before the next begins. */
afterEach(() => app.idle())

const merge = (over: object = {}) =>
  app.store.webhook({
    topic: 'customers/merge',
    payload: {
      admin_graphql_api_customer_kept_id: gid(SIGNED_IN.id),
      admin_graphql_api_customer_deleted_id: gid(old.id),
      admin_graphql_api_job_id: null,
      status: 'completed',
      errors: [],
      ...over,
    },
  })
const customerIsKnown = async () => {
  const person = customerPayload(SIGNED_IN, new Date().toISOString())
  const payload = { ...person, email_marketing_consent: { state: 'subscribed' } }
  await app.store.webhook({ topic: 'customers/create', payload })
}

describe('a merge of two customers', () => {
  it('gives what waits for the one that is gone to the one that is kept, whatever is told first', async () => {
    await shopper.view({ customer: String(old.id) })
    await shopper.becomes('topmail', ['waiting'])
    await customerIsKnown()
    await merge()
    await shopper.becomes('topmail', ['delivered'])
    await shopper.view({ customer: String(old.id), product: 'candle' })
    await shopper.becomes('topmail', ['delivered', 'delivered'])
    expect(shopper.topmailGot().map(({ email }) => email)).toEqual([SIGNED_IN.email, SIGNED_IN.email])
  })

  it('leaves a browser that both have used to one person', async () => {
    await order.send('orders/create', { visitorId: VISITOR, customer: old, email: old.email })
    order.next()
    await order.send('orders/create', { visitorId: VISITOR })
    await merge()
    await shopper.view()
    await shopper.becomes('topmail', ['delivered'])
    expect(shopper.topmailGot()).toEqual([{ email: SIGNED_IN.email, product: 'lamp' }])
  })

  it('that failed or goes on changes nothing', async () => {
    await customerIsKnown()
    for (const status of ['failed', 'in_progress', null]) await merge({ status })
    await shopper.view({ customer: String(old.id) })
    await shopper.becomes('topmail', ['waiting'])
    await app.idle()
    expect(await shopper.statesAt('topmail')).toEqual(['waiting'])
  })
})

describe('a request to erase a person', () => {
  const redact = (customer: object, orders: number[] = []) =>
    app.store.webhook({ topic: 'customers/redact', payload: { customer, orders_to_redact: orders } })
  const erase = async () => {
    const { sealer } = app.server.services
    // What was under way when it came is committed by then.
    await pool().query(`update privacy_requests set received_at = received_at - interval '3 minutes'`)
    return eraseRequested({ pool: pool(), sealer, log: createLog('silent') })
  }
  const count = async (table: string) =>
    Number((await pool().query(`select count(*) from ${table}`)).rows[0].count)
  const events = async () => (await pool().query('select * from events order by id')).rows

  it('takes away who they are, what is sealed of them, and what was still to be sent', async () => {
    await order.send('orders/create', { visitorId: VISITOR })
    await shopper.view()
    await shopper.becomes('topmail', ['delivered'])
    await shopper.view({ visitor: 'visitor-2', customer: '7012345678000' })
    await shopper.becomes('topmail', ['delivered', 'waiting'])
    const kept = (await events()).at(-1)
    await redact({ id: SIGNED_IN.id, email: SIGNED_IN.email, phone: null }, [order.id])
    expect(await erase()).toBe(1)
    expect(await count('customers')).toBe(0)
    expect(await count('visitor_links')).toBe(1)
    expect(await count('visitor_checkouts')).toBe(0)
    const [ordered, viewed, other] = await events()
    for (const event of [ordered, viewed])
      expect(event).toMatchObject({ personal: null, email_mark: null, customer_id: null, visitor_id: null })
    expect(other).toEqual(kept)
    const keys = (await pool().query('select dedupe_key from event_keys')).rows
    expect(JSON.stringify([ordered, viewed, keys])).not.toContain(VISITOR)
    expect(await shopper.statesAt('topmail')).toEqual(['delivered', 'waiting'])
    expect(await erase()).toBe(0)
    const { rows } = await pool().query('select erased_at, trouble from privacy_requests')
    expect(rows).toEqual([{ erased_at: expect.any(Date), trouble: null }])
  })

  it('ends what waits for them', async () => {
    await shopper.view({ customer: String(SIGNED_IN.id) })
    await shopper.becomes('topmail', ['waiting'])
    await redact({ id: SIGNED_IN.id, email: SIGNED_IN.email })
    expect(await erase()).toBe(1)
    expect(await shopper.reasonsAt('topmail')).toEqual(['erased'])
    await customerIsKnown()
    await app.idle()
    expect(shopper.topmailGot()).toEqual([])
  })

  it('finds a guest by the address alone, and nobody else', async () => {
    const guest = { customer: null, email: GUEST_EMAIL, visitorId: VISITOR }
    await app.store.webhook({ topic: 'checkouts/create', payload: checkoutPayload(order.options(guest)) })
    order.next()
    const other = { ...guest, email: 'other@example.com', visitorId: 'visitor-2' }
    await app.store.webhook({ topic: 'checkouts/create', payload: checkoutPayload(order.options(other)) })
    await app.idle()
    await redact({ id: 1, email: 'Guest@Example.com' })
    expect(await erase()).toBe(1)
    const [theirs, others] = await events()
    expect(theirs).toMatchObject({ personal: null, visitor_id: null })
    expect(others).toMatchObject({ personal: expect.any(String), visitor_id: 'visitor-2' })
    expect(await count('visitor_links')).toBe(1)
  })

  it('leaves the events of a browser that others use too, but for those that name the person', async () => {
    await order.send('orders/create', { visitorId: VISITOR, customer: old, email: old.email })
    order.next()
    await order.send('orders/create', { visitorId: VISITOR })
    await shopper.view()
    await shopper.becomes('topmail', ['skipped'])
    await redact({ id: SIGNED_IN.id, email: SIGNED_IN.email })
    await erase()
    const [first, second, view] = await events()
    expect([first, second, view].map(event => event.visitor_id)).toEqual([VISITOR, null, VISITOR])
  })
})
