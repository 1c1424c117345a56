import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startVendors } from './server.ts'
import { call, KEYS } from './testing.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startVendors({ contacts: { ecomail: ['john@example.com', 'foo@bar.cz'] } })
})
beforeEach(() => sandbox.reset())
afterAll(() => sandbox.close())

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = KEYS.ecomail) =>
  call(method, sandbox.urls.ecomail + path, headers, body)
const last = () => sandbox.inbox('ecomail').at(-1)

// The request of the documentation's page, value for value.
const VIEW = {
  email: 'john@example.com',
  category: 'shopping',
  action: 'product_viewed',
  label: 'Nike Air Max 90',
  property: 'nike-air-max-90',
  value: {
    product_id: 12345,
    price: 139.99,
    currency: 'EUR',
    variant: 'Black/White',
    url: 'https://example.com/products/nike-air-max-90',
  },
}
describe('events', () => {
  const post = (event: unknown) => send('POST', '/tracker/events', { event })

  it('answers the documented event as documented', async () => {
    const { status, body } = await post(VIEW)
    expect(status).toBe(200)
    expect(body).toEqual({
      ...VIEW,
      id: 1234,
      value:
        '{"product_id":12345,"price":139.99,"currency":"EUR","variant":"Black/White","url":"https://example.com/products/nike-air-max-90"}',
    })
    expect(last()).toMatchObject({ accepted: true, taken: 1, warnings: [] })
  })

  it('takes an event that is nothing but an e-mail address', async () => {
    expect((await post({ email: 'john@example.com' })).status).toBe(200)
  })

  it('gives a string value back as it came', async () => {
    expect((await post({ ...VIEW, value: '{"a":1}' })).body).toMatchObject({ value: '{"a":1}' })
  })

  it.each([
    ['no e-mail', { ...VIEW, email: undefined }, 'event.email'],
    ['an e-mail that is none', { ...VIEW, email: 'john' }, 'event.email'],
    ['a label that is a number', { ...VIEW, label: 90 }, 'event.label'],
    ['a label that is null', { ...VIEW, label: null }, 'event.label'],
    ['a value that is a number', { ...VIEW, value: 1 }, 'event.value'],
    ['a value of 20,001 characters', { ...VIEW, value: 'x'.repeat(20_001) }, 'event.value'],
    [
      'an object of more than 20,000 characters',
      { ...VIEW, value: { a: 'x'.repeat(20_000) } },
      'event.value',
    ],
  ])('refuses %s', async (_, event, field) => {
    const { status, body } = await post(event)
    expect(status).toBe(422)
    expect(Object.keys((body as { errors: object }).errors)).toEqual([field])
    expect(last()).toMatchObject({ accepted: false, taken: 0 })
  })

  it('takes a value of exactly 20,000 characters', async () => {
    expect((await post({ ...VIEW, value: 'x'.repeat(20_000) })).status).toBe(200)
  })

  it('warns of undocumented fields and takes the event', async () => {
    expect((await post({ ...VIEW, timestamp: 1 })).status).toBe(200)
    expect(last()?.warnings).toEqual(['event.timestamp is not a documented field'])
  })

  it('refuses an event without its envelope', async () => {
    expect((await send('POST', '/tracker/events', VIEW)).status).toBe(422)
  })

  it('warns of a person in no list', async () => {
    expect((await post({ ...VIEW, email: 'nobody@example.com' })).status).toBe(200)
    expect(last()?.warnings).toHaveLength(1)
  })
})

describe('basket events', () => {
  const product = {
    productId: 1,
    img_url: 'https://x/1.jpg',
    url: 'https://x/1',
    name: 'One',
    price: 1,
    description: 'd',
  }
  const value = (products: unknown, action = 'Basket') =>
    JSON.stringify({ data: { data: { action, products } } })
  const basket = (over: object = {}) => ({
    email: 'john@example.com',
    category: 'ue',
    action: 'Basket',
    label: 'Basket',
    value: value([product]),
    ...over,
  })
  const post = (event: unknown) => send('POST', '/tracker/events', { event })

  it.each([
    ['one product', basket()],
    ['no products', basket({ value: value([]) })],
  ])('takes a basket with %s', async (_, event) => {
    expect((await post(event)).status).toBe(200)
    expect(last()?.warnings).toEqual([])
  })

  it.each([
    ['another label', basket({ label: 'Cart' })],
    ['no label', basket({ label: undefined })],
    ['another action', basket({ action: 'Cart' })],
    ['another category', basket({ category: 'shopping' })],
    ['an object as its value', basket({ value: { data: { data: { action: 'Basket', products: [] } } } })],
    ['a value that is not JSON', basket({ value: 'products' })],
    ['an empty value', basket({ value: '' })],
    ['single nesting', basket({ value: JSON.stringify({ data: { action: 'Basket', products: [] } }) })],
    ['another action inside', basket({ value: value([], 'Cart') })],
    ['products that are no list', basket({ value: value({}) })],
    ['a price that is a string', basket({ value: value([{ ...product, price: '1' }]) })],
  ])('refuses a basket with %s', async (_, event) => {
    expect((await post(event)).status).toBe(422)
  })

  it('warns of undocumented product fields', async () => {
    expect((await post(basket({ value: value([{ ...product, quantity: 2 }]) }))).status).toBe(200)
    expect(last()?.warnings).toEqual(['event.value: data.data.products.0.quantity is not a documented field'])
  })
})

describe('lists and contacts', () => {
  const subscribe = (data: object, more: object = {}, list = 1) =>
    send('POST', `/lists/${list}/subscribe`, { subscriber_data: data, ...more })

  it('lists the lists as an array of id and name', async () => {
    const { body } = await send('GET', '/lists')
    expect(body).toContainEqual({ id: 1, name: 'Newsletter' })
  })

  it('subscribes somebody new, then knows them', async () => {
    const first = await subscribe({ email: 'new@example.com', status: 2 }, { skip_confirmation: true })
    expect(first.body).toMatchObject({ email: 'new@example.com', status: 2, already_subscribed: false })
    expect(last()?.warnings).toEqual([])
    expect((await subscribe({ email: 'New@example.com' })).body).toMatchObject({
      status: 2,
      already_subscribed: true,
    })
  })

  it('updates somebody known only when update_existing says so', async () => {
    const data = { email: 'john@example.com', status: 2, name: 'John' }
    expect((await subscribe(data)).body).toMatchObject({ status: 1, name: null })
    expect((await subscribe(data, { update_existing: true })).body).toMatchObject({ status: 2, name: 'John' })
  })

  it('warns when Ecomail would send a double opt-in', async () => {
    expect((await subscribe({ email: 'new@example.com' })).body).toMatchObject({ status: 6 })
    expect(last()?.warnings).toEqual([expect.stringContaining('double opt-in')])
  })

  it.each([
    ['no e-mail', {}],
    ['an unknown status', { email: 'a@example.com', status: 7 }],
    ['an unknown gender', { email: 'a@example.com', gender: 'x' }],
    ['a birthday in another form', { email: 'a@example.com', birthday: '1.2.1990' }],
    ['a tag of 51 characters', { email: 'a@example.com', tags: ['x'.repeat(51)] }],
    ['keys that differ in case', { email: 'a@example.com', custom_fields: { A: 1, a: 2 } }],
    ['custom fields that are too long', { email: 'a@example.com', custom_fields: { a: 'x'.repeat(5000) } }],
  ])('refuses %s', async (_, data) => {
    expect((await subscribe(data)).status).toBe(422)
  })

  it('has no list 99', async () => {
    expect((await subscribe({ email: 'a@example.com' }, {}, 99)).status).toBe(404)
  })

  it('ends a subscription by DELETE with a body', async () => {
    const body = { email: 'john@example.com' }
    const ended = await send('DELETE', '/lists/1/unsubscribe', body)
    expect([ended.status, ended.body]).toEqual([200, expect.objectContaining({ status: 2 })])
    expect((await subscribe(body)).body).toMatchObject({ status: 2, already_subscribed: true })
    expect((await send('DELETE', '/lists/2/unsubscribe', body)).status).toBe(404)
    expect((await send('DELETE', '/lists/1/unsubscribe', {})).status).toBe(422)
  })

  it('erases a person once', async () => {
    const path = `/subscribers/${encodeURIComponent('john@example.com')}/delete`
    expect((await send('DELETE', path)).status).toBe(200)
    expect((await send('DELETE', path)).status).toBe(404)
  })
})

describe('the door', () => {
  it.each<Record<string, string>>([{}, { key: 'wrong' }])('refuses the wrong key %j', async headers => {
    const { status, body } = await send('POST', '/tracker/events', { event: VIEW }, headers)
    expect([status, body]).toEqual([401, { message: 'Wrong api key' }])
    expect(last()).toMatchObject({ accepted: false })
  })

  it('takes a revoked key no more', async () => {
    const { apiKeys } = sandbox.credentials.ecomail
    apiKeys.delete(KEYS.ecomail.key)
    expect((await send('GET', '/lists')).status).toBe(401)
    apiKeys.add(KEYS.ecomail.key)
    expect((await send('GET', '/lists')).status).toBe(200)
  })

  it('refuses what is not JSON, other paths and other methods', async () => {
    expect((await send('POST', '/tracker/events', '{"event":')).status).toBe(400)
    const text = { ...KEYS.ecomail, 'content-type': 'text/plain' }
    expect((await send('POST', '/tracker/events', '{}', text)).status).toBe(415)
    expect((await send('GET', '/nothing')).status).toBe(404)
    expect((await send('GET', '/tracker/events')).status).toBe(405)
  })
})

it('can hide the wrong key in a 200, and refuse people in no list', async () => {
  const strict = await startVendors({ wrongKeyStatus: 200, unknownContacts: 'refuse' })
  const url = `${strict.urls.ecomail}/tracker/events`
  const wrong = await call('POST', url, { key: 'wrong' }, { event: VIEW })
  expect([wrong.status, wrong.body]).toEqual([200, { message: 'Wrong api key' }])
  expect(strict.counts('ecomail')).toMatchObject({ accepted: 0, refused: 1 })
  const stranger = await call('POST', url, KEYS.ecomail, { event: VIEW })
  expect([stranger.status, stranger.body]).toEqual([404, { message: expect.any(String) }])
  strict.addContacts('ecomail', ['John@example.com'])
  expect((await call('POST', url, KEYS.ecomail, { event: VIEW })).status).toBe(200)
  await strict.close()
})
