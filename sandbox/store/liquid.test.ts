import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asShopify, createEngine } from './liquid.ts'
import { Shopper, startTestStore, type TestStore } from './testing.ts'

const SCHEMA = `{% schema %}
{ "name": "Test", "target": "body", "javascript": "test.js",
  "available_if": "{{ app.metafields.sluice.on }}",
  "settings": [{ "type": "header", "content": "-" }, { "type": "text", "id": "path", "default": "/apps/x" }, { "type": "checkbox", "id": "loud", "default": false }] }
{% endschema %}`

/** Prints, as JSON, each value under the expression that gives it. */
const printing = (...expressions: string[]) =>
  `<script type="application/json" id="seen">{ ${expressions.map(one => `${JSON.stringify(one)}: {{ ${one} | json }}`).join(', ')} }</script>`

let folder: string
let test: TestStore
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-embed-'))
  mkdirSync(join(folder, 'blocks'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'assets/test.js'), '')
  const block = printing(
    'request.page_type',
    'request.design_mode',
    'request.locale.iso_code',
    'request.path',
    'request.host',
    'template.name',
    'template',
    'routes.root_url',
    'routes.cart_url',
    'product.id',
    'product.title',
    'product.vendor',
    'product.url',
    'product.price',
    'product.selected_variant.id',
    'product.selected_or_first_available_variant.id',
    'product.variants.size',
    'collection.handle',
    'collection.products.size',
    'collections.lamps.title',
    'search.performed',
    'search.terms',
    'search.results.size',
    'cart.item_count',
    'cart.total_price',
    'cart.currency.iso_code',
    'cart.attributes.sluice_visitor',
    'cart.items.first.variant_id',
    'cart.items.first.final_price',
    'customer.id',
    'shop.permanent_domain',
    'localization.market.handle',
    'block.settings.path',
    'block.settings.loud',
    'app.metafields.sluice.proxy_path',
    'app.metafields.sluice.proxy_path.value',
  )
  writeFileSync(join(folder, 'blocks/sluice.liquid'), `${block}\n${SCHEMA}`)
  test = await startTestStore({
    proxyPath: '/tools/s',
    embed: { folder, settings: { loud: true }, metafields: { sluice: { on: true, proxy_path: '/tools/s' } } },
  })
})
afterAll(async () => {
  await test.close()
  rmSync(folder, { recursive: true })
})

async function seenAt(path: string, who = new Shopper(test.store.url)): Promise<Record<string, unknown>> {
  const html = await who.text(path)
  return JSON.parse(/id="seen">(.*?)<\/script>/s.exec(html)?.[1] ?? 'null')
}

describe('what an app embed sees', () => {
  it('on a product, with the variant of the address', async () => {
    expect(await seenAt('/products/tide-lantern?variant=43012345678913')).toMatchObject({
      'request.page_type': 'product',
      'request.path': '/products/tide-lantern',
      'request.host': new URL(test.store.url).host,
      'request.locale.iso_code': 'en',
      'template.name': 'product',
      template: 'product',
      'product.id': 8012345678903,
      'product.vendor': 'Pier Works',
      'product.url': '/products/tide-lantern',
      'product.price': 7900,
      'product.selected_variant.id': 43012345678913,
      'product.selected_or_first_available_variant.id': 43012345678913,
      'product.variants.size': 4,
      'collection.handle': null,
      'customer.id': null,
    })
    const plain = await seenAt('/products/tide-lantern')
    expect(plain['product.selected_variant.id']).toBeNull()
    expect(plain['product.selected_or_first_available_variant.id']).toBe(43012345678911)
  })

  it('on a product whose name tries to leave the script', async () => {
    const seen = await seenAt('/products/hostile-candle')
    expect(seen['product.title']).toBe('</script><script>alert(1)</script> "quotes" & \'ticks\'')
  })

  it('on a collection, the search and the home page', async () => {
    expect(await seenAt('/collections/lamps')).toMatchObject({
      'request.page_type': 'collection',
      'collection.handle': 'lamps',
      'collection.products.size': 4,
      'search.performed': false,
    })
    expect(await seenAt('/search?q=northlight+candle')).toMatchObject({
      'search.performed': true,
      'search.terms': 'northlight candle',
      'search.results.size': 1,
    })
    expect(await seenAt('/')).toMatchObject({
      'request.page_type': 'index',
      'collections.lamps.title': 'Lamps',
    })
  })

  it('of the cart and the customer, in hundredths and on every page', async () => {
    const who = new Shopper(test.store.url)
    await who.post('/cart/add.js', { id: 43012345678911, quantity: 2 })
    await who.post('/cart/update.js', { attributes: { sluice_visitor: 'v-1' } })
    await who.submit('/account/login', { customer: '7012345678901' })
    expect(await seenAt('/', who)).toMatchObject({
      'cart.item_count': 2,
      'cart.total_price': 15800,
      'cart.currency.iso_code': 'EUR',
      'cart.attributes.sluice_visitor': 'v-1',
      'cart.items.first.variant_id': 43012345678911,
      'cart.items.first.final_price': 7900,
      'customer.id': 7012345678901,
    })
  })

  it('in another language, with its root', async () => {
    expect(await seenAt('/cs/products/harbour-lamp')).toMatchObject({
      'request.locale.iso_code': 'cs',
      'request.path': '/cs/products/harbour-lamp',
      'routes.root_url': '/cs',
      'routes.cart_url': '/cs/cart',
      'product.url': '/cs/products/harbour-lamp',
    })
  })

  it('of its own settings, the defaults replaced by the merchant, and of the app’s metafields', async () => {
    expect(await seenAt('/')).toMatchObject({
      'block.settings.path': '/apps/x',
      'block.settings.loud': true,
      'app.metafields.sluice.proxy_path': '/tools/s',
      'app.metafields.sluice.proxy_path.value': '/tools/s',
      'shop.permanent_domain': 'sandbox.myshopify.com',
      'request.design_mode': false,
    })
    expect((await seenAt('/?design=1'))['request.design_mode']).toBe(true)
  })
})

describe('the app embed', () => {
  const script = '<script src="/extensions/sluice/assets/test.js" type="text/javascript" async></script>'

  it('has its script in the head, and the block at the end of the body', async () => {
    const html = await new Shopper(test.store.url).text('/')
    expect(html.indexOf(script)).toBeGreaterThan(0)
    expect(html.indexOf(script)).toBeLessThan(html.indexOf('</head>'))
    expect(html.indexOf('id="seen"')).toBeGreaterThan(html.indexOf('</footer>'))
    expect((await new Shopper(test.store.url).send('/extensions/sluice/assets/test.js')).status).toBe(200)
  })

  it('is not on the checkout', async () => {
    const who = new Shopper(test.store.url)
    await who.post('/cart/add.js', { id: 43012345678911 })
    const address = String((await who.send('/checkout')).headers.get('location'))
    expect(await who.text(address)).not.toContain('/extensions/')
  })

  it('is nowhere while it is off, or while its condition does not hold', async () => {
    for (const embed of [
      { folder, on: false },
      { folder, metafields: { sluice: { on: false } } },
    ]) {
      const other = await startTestStore({ embed })
      expect(await new Shopper(other.store.url).text('/')).not.toContain('/extensions/')
      await other.close()
    }
  })
})

describe('what collects', () => {
  it.each([
    ['?embed=off', false, false],
    ['?embed=on', true, false],
    ['?embed=late', true, true],
    ['?design=1', true, false],
  ])('the embed, by %s', async (query, isThere, isLate) => {
    const html = await new Shopper(test.store.url).text(`/${query}`)
    expect(html.includes('/extensions/sluice/assets/test.js')).toBe(isThere)
    expect(html.includes('/extensions/sluice/assets/test.js?late=1')).toBe(isLate)
  })

  it('the embed of our own extension, whose block writes its script itself: by ?embed=late seconds later', async () => {
    const own = await startTestStore()
    const who = new Shopper(own.store.url)
    const takes = async (query: string) => {
      const [, script = ''] =
        /<script src="([^"]*\/sluice\.js[^"]*)"/.exec(await who.text(`/?embed=${query}`)) ?? []
      const began = performance.now()
      expect((await who.send(script)).status).toBe(200)
      return performance.now() - began
    }
    const usual = await takes('on')
    expect((await takes('late')) - usual).toBeGreaterThan(2_000)
    await own.close()
  })

  it('is chosen for a browser, until it chooses again, and begins as the store was started', async () => {
    const off = await startTestStore({ embed: { folder, on: false, metafields: { sluice: { on: true } } } })
    const who = new Shopper(off.store.url)
    const has = async (path: string) => (await who.text(path)).includes('/extensions/')
    expect([
      await has('/'),
      await has('/?embed=on'),
      await has('/cart'),
      await has('/?embed=nonsense'),
    ]).toEqual([false, true, true, true])
    await off.close()
  })

  it('the pixel, where the shop has one', async () => {
    const pixel = { file: join(folder, 'assets/test.js'), settings: () => ({}), needs: [] }
    const other = await startTestStore({ embed: { folder }, pixel })
    const who = new Shopper(other.store.url)
    expect(await who.text('/')).toContain('store-pixel')
    expect(await who.text('/?pixel=off')).not.toContain('store-pixel')
    expect(await who.text('/cart')).not.toContain('store-pixel')
    await other.close()
    expect(await new Shopper(test.store.url).text('/')).not.toContain('?pixel=')
  })

  it('is told of addresses that this store can answer', async () => {
    const own = await startTestStore()
    const html = await new Shopper(own.store.url).text('/products/tide-lantern')
    await own.close()
    expect(html).toContain('\\/cdn\\/shop\\/files\\/tide-lantern.svg')
    expect(html).not.toContain('https:\\/\\/127.0.0.1')
  })
})

describe('Liquid as Shopify has it', () => {
  const engine = createEngine([])
  const render = (template: string, scope: object = {}) => engine.parseAndRender(template, scope)

  it.each([
    ['{{ text | json }}', '"\\u003c\\/script\\u003e \\u0026"'],
    ['{{ nothing | json }}', 'null'],
    ['{{ 1850 | divided_by: 100 }}', '18'],
    ['{{ 123456 | money }}', '€1,234.56'],
    ['{{ 1850 | modulo: 100 }}', '50'],
    ['{{ nothing | default: "x" }}', 'x'],
    ['{{ "a b&c" | url_escape }}', 'a%20b&c'],
    ['{{ list | where: "a", 1 | map: "b" | join }}', '2'],
    ['{% schema %}{ "a": "{{ b }}" }{% endschema %}end', 'end'],
  ])('%s is %s', async (template, expected) => {
    expect(
      await render(template, {
        text: '</script> &',
        list: [
          { a: 1, b: 2 },
          { a: 3, b: 4 },
        ],
      }),
    ).toBe(expected)
  })

  it('writes prices as the language does, and what the language has no word for as it is', async () => {
    const scope = { __scope: { locale: 'cs', assets: '', texts: { words: { Brass: 'Mosaz' } } } }
    expect(await render('{{ 123456 | money }}', scope)).toBe('1\u00a0234,56\u00a0€')
    expect(await render('{{ "Brass" | word }} {{ "toString" | word }}', scope)).toBe('Mosaz toString')
  })

  it('divides exactly by a number that is written with a decimal point', async () => {
    expect(await render(asShopify('{{ 1850 | divided_by: 100.0 }}'))).toBe('18.5')
  })

  it('fails on a filter that Shopify does not have', async () => {
    await expect(render('{{ 1 | invented }}')).rejects.toThrow(/invented/)
  })
})
