import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Shopper, startTestStore, type TestStore } from './testing.ts'

const LAMP = 43012345678901
const LANTERN = 43012345678911
const SOLD_OUT = 43012345678914

let test: TestStore
beforeAll(async () => {
  test = await startTestStore()
})
afterAll(() => test.close())
const shopper = () => new Shopper(test.store.url)
const cartOf = async (who: Shopper, root = '') => (await who.send(`${root}/cart.js`)).json()

describe('the cart API', () => {
  it('begins empty, with a token that carries a key', async () => {
    const cart = await cartOf(shopper())
    expect(cart).toMatchObject({ item_count: 0, items: [], total_price: 0, currency: 'EUR', attributes: {} })
    expect(cart.token).toMatch(/^c1-[0-9a-f]{32}\?key=[0-9a-f]{32}$/)
  })

  it('answers an addition with the line, in hundredths', async () => {
    const response = await shopper().post('/cart/add.js', { id: LANTERN, quantity: 2 })
    expect(await response.json()).toMatchObject({
      id: LANTERN,
      variant_id: LANTERN,
      product_id: 8012345678903,
      key: expect.stringMatching(/^43012345678911:[0-9a-f]{32}$/),
      title: 'Tide Lantern - Brass / Small',
      product_title: 'Tide Lantern',
      variant_title: 'Brass / Small',
      price: 7900,
      final_price: 7900,
      line_price: 15800,
      quantity: 2,
      sku: 'TL-B-S',
      vendor: 'Pier Works',
      product_type: 'Lamps',
      handle: 'tide-lantern',
      url: '/products/tide-lantern?variant=43012345678911',
      image: `${test.store.url}/cdn/shop/files/tide-lantern.svg?v=1`,
    })
  })

  it('answers several additions with a list, and keeps the cart of each browser apart', async () => {
    const [one, other] = [shopper(), shopper()]
    const items = [{ id: LAMP }, { id: LANTERN, quantity: 3 }]
    const response = await one.post('/cart/add.js', { items })
    expect((await response.json()).items).toHaveLength(2)
    expect(await cartOf(one)).toMatchObject({ item_count: 4, total_price: 12000 + 3 * 7900 })
    expect(await cartOf(other)).toMatchObject({ item_count: 0 })
  })

  it('takes forms: with files as fetch sends them, encoded, and as JSON by the header Accept', async () => {
    const who = shopper()
    const form = new FormData()
    form.append('id', String(LAMP))
    form.append('quantity', '2')
    const headers = { accept: 'application/javascript' }
    const response = await who.send('/cart/add', { method: 'POST', body: form, headers })
    expect(await response.json()).toMatchObject({ id: LAMP, quantity: 2 })
    const plain = await who.submit('/cart/add', { id: String(LAMP) })
    expect([plain.status, plain.headers.get('location')]).toEqual([302, '/cart'])
    expect(await cartOf(who)).toMatchObject({ item_count: 3 })
  })

  it('refuses a sold-out variant as Shopify does, and adds nothing of the request', async () => {
    const who = shopper()
    const refused = await who.post('/cart/add.js', { items: [{ id: LAMP }, { id: SOLD_OUT }] })
    expect([refused.status, await refused.json()]).toEqual([
      422,
      {
        status: 422,
        message: 'Cart Error',
        description: "The product 'Tide Lantern - Nickel - Large' is already sold out.",
      },
    ])
    expect(await cartOf(who)).toMatchObject({ item_count: 0 })
    const form = await who.submit('/cart/add', { id: String(SOLD_OUT) })
    expect(form.headers.get('location')).toMatch(/^\/cart\?problem=/)
    expect((await who.post('/cart/add.js', { id: 1 })).status).toBe(404)
  })

  it('changes a line by its key, its variant or its place, and removes it at none', async () => {
    const who = shopper()
    const { key } = await (await who.post('/cart/add.js', { id: LAMP })).json()
    for (const [body, count] of [
      [{ id: key, quantity: 4 }, 4],
      [{ id: LAMP, quantity: 5 }, 5],
      [{ line: 1, quantity: 6 }, 6],
      [{ id: key, quantity: 0 }, 0],
    ] as const) {
      expect(await (await who.post('/cart/change.js', body)).json()).toMatchObject({ item_count: count })
    }
    expect((await who.post('/cart/change.js', { id: key, quantity: 1 })).status).toBe(400)
  })

  it('refuses in words more of one thing than fits, and leaves the cart as it was', async () => {
    const who = shopper()
    const description = 'At most 1,000 of one thing fit into a cart.'
    const { key } = await (await who.post('/cart/add.js', { id: LAMP, quantity: 1_000 })).json()
    for (const [path, body] of [
      ['add', { id: LAMP }],
      ['add', { id: LANTERN, quantity: 1e21 }],
      ['change', { id: key, quantity: 1_001 }],
      ['update', { updates: { [LAMP]: 1_001 } }],
    ] as const) {
      const refused = await who.post(`/cart/${path}.js`, body)
      expect([refused.status, await refused.json()]).toEqual([422, expect.objectContaining({ description })])
    }
    expect(await cartOf(who)).toMatchObject({ item_count: 1_000 })
    const form = await who.submit('/cs/cart/add', { id: String(LAMP) })
    const page = await who.text(form.headers.get('location') ?? '')
    expect(page).toContain('Do košíku se vejde nejvýš 1 000 kusů jedné věci.')
  })

  it('updates quantities and attributes, merging these', async () => {
    const who = shopper()
    await who.post('/cart/add.js', { id: LAMP })
    await who.post('/cart/update.js', { attributes: { gift: 'yes' }, updates: { [LAMP]: 2 } })
    const form = { 'updates[]': '7', 'attributes[sluice_visitor]': 'v-1' }
    expect((await who.submit('/cart/update', form)).status).toBe(302)
    expect(await cartOf(who)).toMatchObject({
      item_count: 7,
      attributes: { gift: 'yes', sluice_visitor: 'v-1' },
    })
    await who.post('/cart/clear.js', {})
    expect(await cartOf(who)).toMatchObject({ item_count: 0 })
  })

  it('is the same cart under the root of another language', async () => {
    const who = shopper()
    await who.post('/cs/cart/add.js', { id: LAMP })
    expect(await cartOf(who)).toMatchObject({ item_count: 1 })
    expect((await who.submit('/cs/cart/add', { id: String(LAMP) })).headers.get('location')).toBe('/cs/cart')
    expect(await cartOf(who, '/cs')).toMatchObject({ item_count: 2 })
  })
})
