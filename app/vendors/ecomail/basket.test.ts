import { describe, expect, it } from 'vitest'
import type { Line } from '../../events/data.ts'
import { line, product, SHOP } from '../testing.ts'
import { basketBody } from './basket.ts'

const BY_ID = { productIdentifier: 'product_id' } as const

type Value = { data: { data: { action: string; products: Record<string, unknown>[] } } }

function textOf(lines: readonly Line[]): string {
  const body = basketBody('shopper@example.com', lines, BY_ID, SHOP) as { event: { value: string } }
  return body.event.value
}
const productsOf = (lines: readonly Line[]) => (JSON.parse(textOf(lines)) as Value).data.data.products

describe('basket', () => {
  it('holds the whole cart with unit prices', () => {
    const other = line({ product: product({ id: '2' }), quantity: 3, total: '100.00' })
    expect(productsOf([line(), other])).toMatchObject([
      { productId: 8012345678901, price: 49.9 },
      { productId: 2, price: 33.33 },
    ])
  })

  it('keeps the third place of currencies that have one', () => {
    expect(productsOf([line({ quantity: 2, total: '1.251' })])[0]?.price).toBe(0.626)
  })

  it('makes an address from the handle when none is known', () => {
    const bare = product({ url: null, imageUrl: '//cdn.example.com/a.jpg' })
    expect(productsOf([line({ product: bare })])[0]).toMatchObject({
      url: 'https://lantern.example.com/products/brass-lantern',
      img_url: 'https://cdn.example.com/a.jpg',
    })
  })

  it('is empty for an emptied cart', () => {
    expect(textOf([])).toBe('{"data":{"data":{"action":"Basket","products":[]}}}')
    expect(productsOf([line({ quantity: 0 })])).toEqual([])
  })

  it('sends an id beyond what a number keeps as a text', () => {
    expect(productsOf([line({ product: product({ id: '9007199254740993' }) })])[0]?.productId).toBe(
      '9007199254740993',
    )
  })

  it('goes by Shopify’s id where the chosen identifier is missing', () => {
    const unnamed = line({ product: product({ sku: null }) })
    const body = basketBody('a@example.com', [unnamed], { productIdentifier: 'sku' }, SHOP)
    expect(JSON.stringify(body)).toContain('8012345678901')
  })

  it('does not claim an empty cart when no product has a name', () => {
    const unknown = line({ product: product({ id: null, variantId: null }) })
    expect(basketBody('a@example.com', [unknown], BY_ID, SHOP)).toBeNull()
  })

  it('drops descriptions first when the value grows too long', () => {
    const wordy = (i: number) => line({ product: product({ id: `${i}`, variantTitle: 'd'.repeat(255) }) })
    const products = productsOf(Array.from({ length: 60 }, (_, i) => wordy(i)))
    expect(products).toHaveLength(60)
    expect(products[0]).not.toHaveProperty('description')
    expect(products[0]?.name).toBe('Brass Lantern')
  })

  it('shortens names next, and then drops products from the end', () => {
    const named = (i: number) => line({ product: product({ id: `${i}`, title: `${i} ${'n'.repeat(255)}` }) })
    const shortened = productsOf(Array.from({ length: 60 }, (_, i) => named(i)))
    expect(shortened).toHaveLength(60)
    expect(String(shortened[0]?.name)).toHaveLength(60)
    const many = productsOf(Array.from({ length: 500 }, (_, i) => named(i)))
    expect(many.length).toBeGreaterThan(60)
    expect(many.map(one => one.productId)).toEqual(many.map((_, i) => i))
    expect(textOf(Array.from({ length: 500 }, (_, i) => named(i))).length).toBeLessThanOrEqual(20_000)
  })
})
