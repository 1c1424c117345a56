/** For tests: batches as nobody means well would write them, most of them nearly right, so that they come far. */
import fc from 'fast-check'

const NOW = '2026-11-20T12:00:00.000Z'

/** Texts that have broken programs. */
const nasty = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    'x\udfff',
    '__proto__',
    'constructor',
    'prototype',
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'; drop table events; --",
    '{{7*7}}',
    'javascript:alert(1)',
    'java\u0000script:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    '//evil.example/\\',
    '../../../../etc/passwd',
    '\u202egnp.exe',
    '1e400',
    '-0',
    '9'.repeat(400),
    'x'.repeat(499),
    'x'.repeat(501),
    'x'.repeat(3_000),
    '\ud83d\ude00'.repeat(250),
    'other-shop.myshopify.com',
    'gid://shopify/Customer/666',
    'shopper@example.com',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

const nested = (depth: number): unknown => (depth === 0 ? [] : { a: nested(depth - 1) })
/** Values of the wrong kind. */
const odd = fc.oneof(
  { weight: 3, arbitrary: nasty },
  fc.constantFrom<unknown>(
    null,
    true,
    [],
    {},
    0,
    -1,
    0.1,
    1e21,
    1e308,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    2 ** 53,
    2 ** 60,
    -0,
    5e-324,
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.integer({ min: 1, max: 200 }).map(nested),
  fc.constant(JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')),
)
/** Mostly right. */
const or = <T>(right: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: odd })
/** Mostly there. */
const shaped = (fields: Record<string, fc.Arbitrary<unknown>>, keys: string[] = []) =>
  fc
    .tuple(
      fc.record(fields, { requiredKeys: keys }),
      fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, stray),
    )
    .map(([right, more]) => ({ ...more, ...right }))
/** What nobody asked for. */
const stray = fc.oneof(
  fc.dictionary(nasty, odd, { maxKeys: 3 }),
  fc.constant({
    customerId: '666',
    shop: 'other-shop.myshopify.com',
    shopId: 2,
    email: 'shopper@example.com',
  }),
  fc.constant(JSON.parse('{"__proto__":{"type":"page_viewed","polluted":true}}')),
)

const text = or(fc.oneof(nasty, fc.constantFrom('Brass Lantern', '8012345678901', 'lantern')))
const url = or(
  fc.constantFrom('https://shop.example.com/products/x', '/products/x', '//cdn.example.com/x.jpg'),
)
const price = or(fc.constantFrom<unknown>('139.99', '0', 12.5, null))
const quantity = or(fc.constantFrom<unknown>(1, 2, '3'))
const productFields = {
  id: text,
  variantId: text,
  handle: text,
  title: text,
  sku: text,
  vendor: text,
  price,
  currency: or(fc.constantFrom('EUR', 'JPY')),
  url,
  imageUrl: url,
}
const product = or(shaped(productFields))
const items = or(
  fc.array(fc.oneof(shaped({ ...productFields, quantity }, ['quantity']), shaped({ product, quantity })), {
    maxLength: 3,
  }),
)
const cart = or(shaped({ token: text, currency: or(fc.constant('EUR')), total: price, items }, ['items']))
const checkout = or(
  shaped(
    { token: or(fc.constantFrom('5f2c0a9b', 'c-1')), orderId: or(fc.constant('123')), total: price, items },
    ['token', 'items'],
  ),
)

const DATA: Record<string, fc.Arbitrary<unknown>> = {
  page_viewed: shaped({ page: or(shaped({ type: text, title: text, referrer: text })) }, ['page']),
  collection_viewed: shaped({ collection: or(shaped({ id: text, title: text, path: text })) }, [
    'collection',
  ]),
  product_viewed: shaped({ product }, ['product']),
  search_submitted: shaped({ query: text }, ['query']),
  product_added_to_cart: shaped({ product, quantity }, ['product', 'quantity']),
  product_removed_from_cart: shaped({ product, quantity }, ['product', 'quantity']),
  cart_viewed: shaped({ cart }, ['cart']),
  checkout_started: shaped({ checkout }, ['checkout']),
  checkout_updated: shaped({ checkout }, ['checkout']),
  checkout_completed: shaped({ checkout }, ['checkout']),
}
const event = fc.oneof(
  {
    weight: 15,
    arbitrary: fc.constantFrom(...Object.keys(DATA)).chain(type =>
      shaped(
        {
          id: or(fc.uuid()),
          type: fc.oneof({ weight: 20, arbitrary: fc.constant(type) }, odd),
          at: or(fc.constantFrom(NOW, '2026-11-20T12:59:58+01:00', '2026-11-20T11:00:00Z')),
          url,
          data: DATA[type] ?? odd,
        },
        ['id', 'type', 'at', 'data'],
      ),
    ),
  },
  { weight: 1, arbitrary: odd },
)

/** A body, parsed: sometimes no batch at all. */
export const hostileBatch: fc.Arbitrary<unknown> = or(
  shaped(
    {
      visitorId: fc.oneof({ weight: 20, arbitrary: fc.uuid() }, odd),
      sentAt: or(fc.constant(NOW)),
      consent: fc.oneof(
        // Without analytics nothing else of the batch is tried.
        { weight: 20, arbitrary: fc.record({ analytics: fc.constant(true), marketing: or(fc.boolean()) }) },
        { weight: 2, arbitrary: or(shaped({ analytics: or(fc.boolean()), marketing: or(fc.boolean()) })) },
      ),
      events: fc.oneof(
        { weight: 20, arbitrary: fc.array(event, { maxLength: 4 }) },
        { weight: 1, arbitrary: fc.array(event, { minLength: 50, maxLength: 52 }) },
        { weight: 1, arbitrary: odd },
      ),
    },
    ['visitorId', 'consent', 'events'],
  ),
)

const NUMBERS = ['1e400', '-1e400', '1e-400', '-0', '12345678901234567890', '1.0000000000000000001', '0.1e1']
/** A body as text, with what JSON.stringify never writes: keys twice, numbers beyond a double, deep nests, comments. */
export const hostileText: fc.Arbitrary<string> = fc
  .tuple(hostileBatch, fc.constantFrom(...NUMBERS), fc.nat(6), fc.integer({ min: 1, max: 8_000 }))
  .map(([body, number, how, depth]) => {
    const text = JSON.stringify(body)
    switch (how) {
      case 0:
        return text.replace(/"(?:139\.99|1|EUR|lantern)"/g, number)
      case 1:
        return text.replace('{', '{"events":[],"visitorId":"first","__proto__":{"events":[]},')
      case 2:
        return text.replace('[', `[${'['.repeat(depth)}${']'.repeat(depth)},`)
      case 3:
        return text.replace('{', `{"deep":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)},`)
      case 4:
        return `${text}/* */`
      case 5:
        return text.replaceAll('\\u0000', '\u0000')
      default:
        return text
    }
  })
