import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SECRET, SHOP, Shopper, startTestStore, type TestStore } from './testing.ts'

const LAMP = 43012345678901

let test: TestStore
let who: Shopper
beforeEach(async () => {
  test = await startTestStore()
  who = new Shopper(test.store.url)
})
afterEach(() => test.close())

/** Topics sent since the last call. */
let told = 0
beforeEach(() => {
  told = 0
})
async function topics(): Promise<string[]> {
  await test.store.settled()
  const since = test.store.webhooks.slice(told)
  told = test.store.webhooks.length
  return since.map(webhook => webhook.topic)
}
const payloadOf = (topic: string) =>
  test.store.webhooks.findLast(webhook => webhook.topic === topic)?.payload as Record<string, unknown>

/** The visitor goes to the checkout. @returns its address */
async function checkout(): Promise<string> {
  await who.post('/cart/add.js', { id: LAMP, quantity: 2 })
  await who.post('/cart/update.js', { attributes: { sluice_visitor: 'v-1', sluice_consent: 'analytics=1' } })
  const location = (await who.send('/checkout')).headers.get('location')
  return String(location)
}

describe('the webhooks of the store', () => {
  it('are signed', async () => {
    await who.post('/cart/add.js', { id: LAMP })
    await test.store.settled()
    const [request] = test.app.requests
    const digest = createHmac('sha256', SECRET)
      .update(request?.body ?? '')
      .digest('base64')
    expect(request?.headers).toMatchObject({
      'x-shopify-hmac-sha256': digest,
      'x-shopify-shop-domain': SHOP,
      'x-shopify-topic': 'carts/create',
    })
  })

  it('tell of a cart once it has something, then of each change, and not of what changes nothing', async () => {
    await who.send('/cart.js')
    expect(await topics()).toEqual([])
    await who.post('/cart/add.js', { id: LAMP })
    await who.post('/cart/change.js', { id: LAMP, quantity: 3 })
    expect(await topics()).toEqual(['carts/create', 'carts/update'])
    await who.post('/cart/change.js', { id: LAMP, quantity: 3 })
    expect(await topics()).toEqual([])
    await who.post('/cart/clear.js', {})
    expect(await topics()).toEqual(['carts/update'])
  })

  it('name the cart without the key that its token has in the browser', async () => {
    await who.post('/cart/add.js', { id: LAMP })
    const { token } = await (await who.send('/cart.js')).json()
    await test.store.settled()
    expect(token).toBe(`${payloadOf('carts/create').token}?key=${token.split('=')[1]}`)
  })

  it('follow a checkout from its beginning to the paid order', async () => {
    const address = await checkout()
    await topics()
    await who.send('/checkout')
    expect(await topics()).toEqual([])
    expect(payloadOf('checkouts/create')).toMatchObject({ email: null, customer: null })
    await who.submit(`${address}/contact`, { email: 'Guest@example.com', first_name: 'G', marketing: 'on' })
    expect(await topics()).toEqual(['customers/create', 'checkouts/update'])
    const paid = await who.submit(`${address}/pay`, {})
    await who.submit(`${address}/pay`, {})
    expect(paid.headers.get('location')).toBe(`${address}/thank-you`)
    expect(await topics()).toEqual(['orders/create', 'orders/paid'])
    const order = payloadOf('orders/paid')
    expect(order).toMatchObject({
      email: 'guest@example.com',
      financial_status: 'paid',
      buyer_accepts_marketing: true,
      checkout_token: address.split('/').at(-1),
      cart_token: payloadOf('carts/update').token,
      total_price: '245.00',
      customer: { email: 'guest@example.com', first_name: 'G' },
      note_attributes: [
        { name: 'sluice_visitor', value: 'v-1' },
        { name: 'sluice_consent', value: 'analytics=1' },
      ],
    })
    expect(payloadOf('checkouts/update').token).toBe(order.checkout_token)
  })

  it('leave the browser a new cart after the order', async () => {
    const address = await checkout()
    await who.submit(`${address}/contact`, { email: 'guest@example.com' })
    await who.submit(`${address}/pay`, {})
    await test.store.settled()
    const { token, item_count } = await (await who.send('/cart.js')).json()
    expect(item_count).toBe(0)
    expect(token.split('?')[0]).not.toBe(payloadOf('orders/create').cart_token)
  })

  it('follow one checkout of a cart, also when the cart is changed in between', async () => {
    const address = await checkout()
    await topics()
    await who.post('/cart/change.js', { id: LAMP, quantity: 150 })
    expect((await who.send('/checkout')).headers.get('location')).toBe(address)
    expect(await topics()).toEqual(['carts/update', 'checkouts/update'])
    expect(payloadOf('checkouts/update')).toMatchObject({ line_items: [{ quantity: 150 }] })
  })

  it('tell of people and orders by ids that were nobody’s at an earlier start, and are theirs again', async () => {
    const order = async (store: TestStore, email: string) => {
      const one = new Shopper(store.store.url)
      await one.post('/cart/add.js', { id: LAMP })
      const address = String((await one.send('/checkout')).headers.get('location'))
      await one.submit(`${address}/contact`, { email })
      await one.submit(`${address}/pay`, {})
      await store.store.settled()
      return store.store.webhooks.findLast(({ topic }) => topic === 'orders/create')?.payload
    }
    const [first, second] = [await order(test, 'nina@example.com'), await order(test, 'zoe@example.com')]
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] })
    const again = await startTestStore()
    const orders = [
      first,
      second,
      await order(again, 'zoe@example.com'),
      await order(again, 'nina@example.com'),
    ]
    vi.useRealTimers()
    await again.close()
    const [nina, zoe, zoeAgain, ninaAgain] = orders.map(payload => Object(payload))
    expect(zoeAgain.customer.id).toBe(zoe.customer.id)
    expect(ninaAgain.customer.id).toBe(nina.customer.id)
    expect(nina.customer.id).not.toBe(zoe.customer.id)
    for (const name of ['id', 'name', 'checkout_token', 'cart_token']) {
      expect(new Set(orders.map(payload => Object(payload)[name])).size, name).toBe(4)
    }
  })

  it('tell of a customer who signs up, once', async () => {
    await who.submit('/account/login', { email: 'new@example.com', first_name: 'New' })
    await who.submit('/account/logout', {})
    await who.submit('/account/login', { email: 'NEW@example.com' })
    await who.submit('/account/login', { customer: '7012345678902' })
    expect(await topics()).toEqual(['customers/create'])
  })

  it('tell of the whole catalogue at the start', async () => {
    const other = await startTestStore({ announce: true })
    await other.store.settled()
    const products = other.store.webhooks.filter(webhook => webhook.topic === 'products/create')
    await other.close()
    expect(products).toHaveLength(8)
    const lantern = products
      .map(webhook => webhook.payload)
      .find(one => 'handle' in Object(one) && Object(one).handle === 'tide-lantern')
    expect(lantern).toMatchObject({ variants: { length: 4 } })
  })
})
