import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startVendors } from './server.ts'
import { call, KEYS } from './testing.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startVendors({ contacts: { topmail: ['shopper@example.com'] } })
})
beforeEach(() => sandbox.reset())
afterAll(() => sandbox.close())

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = KEYS.topmail) =>
  call(method, `${sandbox.urls.topmail}/api/v1${path}`, headers, body)
const last = () => sandbox.inbox('topmail').at(-1)

// The request of the documentation's page, value for value.
const VIEW = {
  email: 'shopper@example.com',
  product_id: 'prod_abc123',
  product_name: 'Premium Wireless Headphones',
  product_url: 'https://yourstore.com/products/wireless-headphones',
  image_url: 'https://yourstore.com/images/headphones.jpg',
  price: 99.99,
  currency: 'USD',
  category: 'Electronics',
  brand: 'AudioCo',
  sku: 'WH-PRO-BLK',
}
const without = (field: keyof typeof VIEW) => ({ ...VIEW, [field]: undefined })
const long = 'x'.repeat(101)

describe('product views', () => {
  const view = (body: unknown, headers: Record<string, string> = {}) =>
    send('POST', '/track/product-view', body, { ...KEYS.topmail, ...headers })

  it('answers the documented view as documented', async () => {
    const { status, body } = await view(VIEW)
    expect(status).toBeLessThan(300)
    expect(body).toEqual({
      data: {
        id: expect.any(String),
        contact_id: expect.any(String),
        product_id: 'prod_abc123',
        product_name: 'Premium Wireless Headphones',
        viewed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    })
    expect(last()).toMatchObject({ accepted: true, taken: 1, warnings: [] })
  })

  it('takes a contact id instead of the e-mail address', async () => {
    const { data } = (await send('GET', '/contacts')).body as { data: { id: string }[] }
    expect((await view({ ...without('email'), contact_id: data[0]?.id })).status).toBe(201)
  })

  it.each([
    ['neither e-mail nor contact id', without('email'), 'email'],
    ['a contact id that is no UUID', { ...VIEW, contact_id: '7' }, 'contact_id'],
    ['no product id', without('product_id'), 'product_id'],
    ['no product name', without('product_name'), 'product_name'],
    ['no product URL', without('product_url'), 'product_url'],
    ['a product id that is a number', { ...VIEW, product_id: 1 }, 'product_id'],
    ['a product id of 101 characters', { ...VIEW, product_id: long }, 'product_id'],
    ['a product name of 201 characters', { ...VIEW, product_name: 'x'.repeat(201) }, 'product_name'],
    ['a relative URL', { ...VIEW, product_url: '/products/x' }, 'product_url'],
    ['an image URL without a scheme', { ...VIEW, image_url: '//cdn.example.com/x.jpg' }, 'image_url'],
    ['a price that is a string', { ...VIEW, price: '99.99' }, 'price'],
    ['a negative price', { ...VIEW, price: -1 }, 'price'],
    ['a currency of four letters', { ...VIEW, currency: 'EURO' }, 'currency'],
    ['a long category', { ...VIEW, category: long }, 'category'],
    ['a long brand', { ...VIEW, brand: long }, 'brand'],
    ['a long SKU', { ...VIEW, sku: long }, 'sku'],
    ['a long variant id', { ...VIEW, variant_id: long }, 'variant_id'],
    ['a long session id', { ...VIEW, session_id: long }, 'session_id'],
    ['a brand that is null', { ...VIEW, brand: null }, 'brand'],
  ])('refuses %s', async (_, body, path) => {
    const heard = await view(body)
    expect(heard.status).toBe(400)
    expect(heard.body).toEqual({ error: { code: 'validation_error', message: expect.any(String), path } })
    expect(last()).toMatchObject({ accepted: false, taken: 0 })
  })

  it('does not know a stranger until they are added', async () => {
    const stranger = { ...VIEW, email: 'new@example.com' }
    const { status, body } = await view(stranger)
    expect(status).toBe(404)
    expect(body).toMatchObject({ error: { code: 'contact_not_found' } })
    sandbox.addContacts('topmail', ['new@example.com'])
    expect((await view(stranger)).status).toBe(201)
  })

  it('warns of undocumented fields and of dollars by default', async () => {
    await view({ ...without('currency'), quantity: 1 })
    expect(last()?.warnings).toEqual(['quantity is not a documented field', expect.stringContaining('USD')])
  })

  it('stores a repeated Idempotency-Key once', async () => {
    const key = { 'idempotency-key': 'one' }
    const first = await view(VIEW, key)
    const second = await view(VIEW, key)
    expect(second.body).toEqual(first.body)
    expect(sandbox.counts('topmail')).toMatchObject({ received: 2, taken: 1 })
    expect(last()).toMatchObject({
      idempotencyKey: 'one',
      warnings: [expect.stringContaining('seen before')],
    })
  })

  it('refuses an Idempotency-Key for another body, and not after a refusal', async () => {
    const key = { 'idempotency-key': 'two' }
    expect((await view({}, key)).status).toBe(400)
    expect((await view(VIEW, key)).status).toBe(201)
    const { status, body } = await view({ ...VIEW, price: 1 }, key)
    expect([status, body]).toEqual([409, { error: { code: 'duplicate', message: expect.any(String) } }])
  })
})

describe('contacts', () => {
  it('creates a contact', async () => {
    const { status, body } = await send('POST', '/contacts', { email: 'new@example.com', subscribed: false })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      data: { email: 'new@example.com', subscribed: false, lists: [], attributes: {} },
    })
    expect(last()?.warnings).toEqual([])
  })

  it('subscribes by default, and warns of it', async () => {
    expect((await send('POST', '/contacts', { email: 'new@example.com' })).body).toMatchObject({
      data: { subscribed: true },
    })
    expect(last()?.warnings).toEqual([expect.stringContaining('defaults to true')])
  })

  it.each([
    ['no e-mail', {}],
    ['a long first name', { email: 'a@example.com', first_name: long }],
    ['a list id that is no UUID', { email: 'a@example.com', list_id: '1' }],
    ['subscribed as text', { email: 'a@example.com', subscribed: 'yes' }],
  ])('refuses %s', async (_, body) => {
    expect((await send('POST', '/contacts', body)).status).toBe(400)
  })

  it('refuses the same address twice', async () => {
    const { status, body } = await send('POST', '/contacts', {
      email: 'Shopper@example.com',
      subscribed: true,
    })
    expect([status, body]).toEqual([409, { error: { code: 'duplicate', message: expect.any(String) } }])
  })

  it('reads, changes and removes one contact', async () => {
    const created = await send('POST', '/contacts', {
      email: 'new@example.com',
      subscribed: true,
      attributes: { a: 1 },
    })
    const path = `/contacts/${(created.body as { data: { id: string } }).data.id}`
    const change = { subscribed: false, first_name: null, attributes: { b: 2 } }
    expect((await send('PATCH', path, change)).body).toMatchObject({
      data: { email: 'new@example.com', subscribed: false, attributes: { a: 1, b: 2 } },
    })
    expect((await send('PATCH', path, { subscribed: 'no' })).status).toBe(400)
    expect((await send('GET', path)).body).toMatchObject({ data: { subscribed: false } })
    expect((await send('DELETE', path)).status).toBe(200)
    expect((await send('GET', path)).body).toMatchObject({ error: { code: 'contact_not_found' } })
  })

  it('lists, searches and pages', async () => {
    sandbox.addContacts('topmail', ['a@example.com', 'b@example.com'])
    const emails = async (query: string) =>
      ((await send('GET', `/contacts?${query}`)).body as { data: { email: string }[] }).data.map(
        one => one.email,
      )
    expect(await emails('limit=1')).toEqual(['shopper@example.com'])
    expect(await emails('offset=2')).toEqual(['b@example.com'])
    expect(await emails('search=A@example')).toEqual(['a@example.com'])
    expect(await emails('subscribed=false')).toEqual([])
    expect((await send('GET', '/contacts?limit=1001')).status).toBe(400)
    expect((await send('GET', '/contacts?offset=-1')).status).toBe(400)
  })
})

describe('conversions', () => {
  const PURCHASE = {
    email: 'shopper@example.com',
    type: 'purchase',
    revenue: 99.99,
    currency: 'EUR',
    order_id: '1001',
  }
  const convert = (over: object = {}) => send('POST', '/conversions', { ...PURCHASE, ...over })

  it('takes a purchase, once by order id', async () => {
    const first = await convert()
    expect(first.status).toBe(201)
    expect(first.body).toMatchObject({ data: { order_id: '1001', revenue: 99.99, currency: 'EUR' } })
    expect((await convert()).status).toBe(409)
    expect(sandbox.counts('topmail')).toMatchObject({ taken: 1 })
  })

  it.each([
    ['another type', { type: 'order' }],
    ['negative revenue', { revenue: -1 }],
    ['revenue as text', { revenue: '99.99' }],
    ['a long order id', { order_id: long }],
    ['nobody', { email: undefined }],
  ])('refuses %s', async (_, over) => {
    expect((await convert(over)).status).toBe(400)
  })

  it('does not know a stranger', async () => {
    expect((await convert({ email: 'new@example.com' })).status).toBe(404)
  })
})

describe('the door', () => {
  it.each<Record<string, string>>([
    {},
    { authorization: 'Bearer wrong' },
    { authorization: 'tm_test_sandbox7c21' },
  ])('refuses %j', async headers => {
    const { status, body } = await send('GET', '/contacts', undefined, headers)
    expect(status).toBe(401)
    expect(body).toEqual({ error: { code: 'unauthorized', message: expect.any(String) } })
  })

  it('also takes the legacy header', async () => {
    const key = KEYS.topmail.authorization.slice('Bearer '.length)
    expect((await send('GET', '/contacts?limit=1', undefined, { 'x-api-key': key })).status).toBe(200)
  })

  it('has nothing elsewhere', async () => {
    const { status, body } = await send('GET', '/orders')
    expect([status, body]).toEqual([404, { error: { code: 'not_found', message: expect.any(String) } }])
  })
})
