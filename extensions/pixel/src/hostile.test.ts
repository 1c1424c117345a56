/** Values that are not as Shopify documents them: other scripts of the page can publish, and documents age. */
import type { Cart, PixelEvents } from '@shopify/web-pixels-extension'
import { expect, it } from 'vitest'
import { eventOf, LINE, refusalOf, VARIANT, type VIEW } from './testing.ts'
import { NAMES, type Name, toWire } from './wire.ts'

const wire = <N extends Name>(name: N, data: PixelEvents[N]['data'], path = '/') =>
  toWire(name, eventOf(name, data, { path }))

const hostile = [null, undefined, 7, -1.5, '', '</script>', '\ud800', 'x'.repeat(100_000), [], {}, true]

const withField = (field: string, value: unknown) =>
  wire('product_viewed', { productVariant: { ...VARIANT, [field]: value } } as typeof VIEW)
const withProductField = (field: string, value: unknown) =>
  withField('product', { ...VARIANT.product, [field]: value })

// The limit catches what takes the square of a text's length.
it.each(hostile)(
  '%# in every field of a product make an event that the server takes',
  { timeout: 3000 },
  value => {
    for (const field of ['id', 'image', 'price', 'product', 'sku', 'title']) {
      expect([field, refusalOf(withField(field, value))]).toEqual([field, undefined])
    }
    for (const field of ['id', 'title', 'type', 'url', 'vendor']) {
      expect([field, refusalOf(withProductField(field, value))]).toEqual([field, undefined])
    }
    expect(refusalOf(withField('image', { src: value }))).toBeUndefined()
  },
)

it.each(hostile)('%# as id of a cart make an event that the server takes', { timeout: 3000 }, id => {
  const cart = { id, lines: [LINE] } as unknown as Cart
  expect(refusalOf(wire('cart_viewed', { cart }))).toBeUndefined()
})

it.each(NAMES)('%s with no data at all throws or tells nothing, and nothing else', name => {
  const tell = (data: unknown) => {
    try {
      return toWire(name, eventOf(name, data as never, { path: '/cart' }))
    } catch {}
  }
  // A cart page without its cart is one with an empty cart.
  if (name !== 'product_viewed' && name !== 'cart_viewed') expect(tell({})).toBeUndefined()
  expect(tell(null)).toBeUndefined()
})
