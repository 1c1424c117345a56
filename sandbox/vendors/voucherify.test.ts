import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startVendors } from './server.ts'
import { call, KEYS } from './testing.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startVendors()
})
beforeEach(() => sandbox.reset())
afterAll(() => sandbox.close())

const post = (body: unknown, headers: Record<string, string> = KEYS.server, path = '/v1/events') =>
  call('POST', sandbox.urls.voucherify + path, headers, body)
const last = () => sandbox.inbox('voucherify').at(-1)

// The request of the documentation's page, value for value.
const EVENT = {
  event: 'user_subscribed',
  customer: { source_id: 'source_customer_event' },
  referral: { code: '46jL0kYI', referrer_id: 'cust_Vzck5i8U3OhcEUFY6MKhN9Rv' },
  metadata: { login: 'bob', pricing_plan: 'PP1', volume_number: 4 },
}

describe('events', () => {
  it.each([
    ['/client/v1/events', KEYS.client],
    ['/v1/events', KEYS.server],
  ])('answers the documented event as documented at %s', async (path, headers) => {
    const { status, body } = await post(EVENT, headers, path)
    expect(status).toBe(200)
    expect(body).toEqual({
      object: 'event',
      type: 'user_subscribed',
      customer: {
        id: expect.stringMatching(/^cust_/),
        name: null,
        email: null,
        source_id: 'source_customer_event',
        metadata: {},
        object: 'customer',
      },
      referral: null,
      loyalty: null,
      metadata: EVENT.metadata,
    })
    expect(last()).toMatchObject({ accepted: true, taken: 1, warnings: [] })
  })

  it('creates a customer once and updates them', async () => {
    const customer = { source_id: '7', email: 'shopper@example.com', metadata: { a: 1 } }
    const first = (await post({ event: 'x', customer })).body as { customer: { id: string } }
    const second = await post({
      event: 'x',
      customer: { source_id: '7', name: 'Shopper', metadata: { b: 2 } },
    })
    expect(second.body).toMatchObject({
      customer: {
        id: first.customer.id,
        name: 'Shopper',
        email: 'shopper@example.com',
        metadata: { a: 1, b: 2 },
      },
    })
    const listed = await call('GET', `${sandbox.urls.voucherify}/v1/customers?limit=1`, KEYS.server)
    expect(listed.body).toMatchObject({ object: 'list', total: 1 })
  })

  it('erases a customer by source id, once and without a body', async () => {
    await post({ event: 'x', customer: { source_id: '7' } })
    const url = `${sandbox.urls.voucherify}/v1/customers/7/permanent-deletion`
    expect((await call('POST', url, KEYS.server)).body).toMatchObject({ status: 'DONE' })
    expect((await call('POST', url, KEYS.server)).status).toBe(404)
  })

  it('does not know a customer by an id of its own that it never gave', async () => {
    const { status, body } = await post({ event: 'x', customer: { id: 'registered_10055' } })
    expect(status).toBe(404)
    expect(body).toMatchObject({
      code: 404,
      key: 'not_found',
      message: 'Resource not found',
      details: 'Cannot find customer with id registered_10055',
    })
  })

  it('says of a referral without a code what the documentation says', async () => {
    const { status, body } = await post({ ...EVENT, referral: {} })
    expect(status).toBe(400)
    expect(body).toMatchObject({
      code: 400,
      key: 'invalid_payload',
      details: "Property .referral should have required property 'code'",
      request_id: expect.stringMatching(/^v-/),
    })
  })

  it.each([
    ['no event', { ...EVENT, event: undefined }],
    ['an empty event', { ...EVENT, event: '' }],
    ['an event of 301 characters', { ...EVENT, event: 'x'.repeat(301) }],
    ['no customer', { ...EVENT, customer: undefined }],
    ['a customer that is text', { ...EVENT, customer: 'shopper' }],
    ['a source id that is a number', { ...EVENT, customer: { source_id: 7 } }],
    ['a birthdate in another form', { ...EVENT, customer: { source_id: '7', birthdate: '1.2.1990' } }],
    ['a loyalty object without a code', { ...EVENT, loyalty: {} }],
    ['metadata that is a list', { ...EVENT, metadata: [] }],
  ])('refuses %s', async (_, body) => {
    const heard = await post(body)
    expect(heard.status).toBe(400)
    expect(heard.body).toMatchObject({ code: 400, key: 'invalid_payload', message: expect.any(String) })
    expect(last()).toMatchObject({ accepted: false, taken: 0 })
  })

  it('takes an event name of 300 characters', async () => {
    expect((await post({ ...EVENT, event: 'x'.repeat(300) })).status).toBe(200)
  })

  it('warns of undocumented fields, null metadata and nameless customers', async () => {
    await post({ event: 'x', customer: {}, metadata: { a: null }, occurredAt: 'now' })
    expect(last()?.warnings).toEqual([
      'occurredAt is not a documented field',
      expect.stringContaining('metadata.a is null'),
      expect.stringContaining('neither id nor source_id'),
    ])
  })
})

describe('the door', () => {
  const { origin: _, ...noOrigin } = KEYS.client
  it.each([
    ['server keys missing', {}, '/v1/events'],
    ['a wrong token', { ...KEYS.server, 'x-app-token': 'wrong' }, '/v1/events'],
    ['client keys on the server side', KEYS.client, '/v1/events'],
    ['server keys on the client side', KEYS.server, '/client/v1/events'],
    ['no origin', noOrigin, '/client/v1/events'],
    ['a foreign origin', { ...KEYS.client, origin: 'https://evil.test' }, '/client/v1/events'],
    [
      'an origin that only ends alike',
      { ...KEYS.client, origin: 'https://badexample.com' },
      '/client/v1/events',
    ],
  ])('refuses %s', async (_, headers, path) => {
    const { status, body } = await post(EVENT, headers, path)
    expect(status).toBe(401)
    expect(body).toMatchObject({ code: 401, message: expect.any(String) })
  })

  it.each(['https://example.com', 'example.com', 'https://www.example.com', 'http://localhost:3000'])(
    'allows the origin %s',
    async origin => {
      expect((await post(EVENT, { ...KEYS.client, origin }, '/client/v1/events')).status).toBe(200)
    },
  )

  it('answers the probe of the client keys', async () => {
    const url = `${sandbox.urls.voucherify}/client/v1/promotions/tiers?limit=1`
    expect((await call('GET', url, KEYS.client)).body).toMatchObject({ object: 'list' })
  })

  it('refuses other content and other methods', async () => {
    const { status, body } = await post('{}', { ...KEYS.server, 'content-type': 'text/plain' })
    expect([status, body]).toEqual([415, expect.objectContaining({ code: 415 })])
    expect((await call('GET', `${sandbox.urls.voucherify}/v1/events`, KEYS.server)).status).toBe(405)
    expect((await call('GET', `${sandbox.urls.voucherify}/v1/customers?limit=0`, KEYS.server)).status).toBe(
      400,
    )
  })
})
