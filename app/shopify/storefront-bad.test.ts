/** Events of a storefront that are refused. */
import { describe, expect, it } from 'vitest'
import { type Fields, product, translated, viewed } from './testing-storefront.ts'

const reasonOf = (over: Fields) => translated([viewed(over)]).rejected[0]?.reason
const reasonOfProduct = (over: Fields) => reasonOf({ data: { product: product(over) } })

const keyOf = (id: string, visitorId = '3f0c-visitor') =>
  translated([viewed({ id })], { visitorId }).events[0]?.dedupeKey

describe('a bad event', () => {
  it('is rejected alone', () => {
    const { events, rejected } = translated([
      viewed(),
      'x',
      viewed({ id: 'c0a8-2' }),
      viewed({ type: 'nonsense' }),
    ])
    expect(events.map(event => event.dedupeKey)).toEqual([keyOf('c0a8-1'), keyOf('c0a8-2')])
    expect(rejected).toEqual([
      { index: 1, reason: 'must be an object' },
      { index: 3, reason: 'type: is not an event type of a storefront' },
    ])
  })

  it.each([
    [{ id: '' }, 'id: is missing'],
    [{ id: undefined }, 'id: must be text'],
    [{ id: 'x'.repeat(201) }, 'id: must have at most 200 characters'],
    [{ at: 'now' }, 'at: must be an ISO 8601 time with its offset'],
    [{ at: undefined }, 'at: must be an ISO 8601 time with its offset'],
    [{ url: 'javascript:alert(1)' }, 'url: must be a web address'],
    [{ url: `https://example.com/${'x'.repeat(16_000)}` }, 'url: must have at most 16000 characters'],
    [{ type: 'order_created' }, 'type: is not an event type of a storefront'],
    [
      { type: 'search_submitted', data: { query: 'x'.repeat(501) } },
      'data.query: must have at most 500 characters',
    ],
    [{ type: 'search_submitted', data: { query: 7 } }, 'data.query: must be text'],
    [{ data: {} }, 'data.product: must be an object'],
    [
      {
        type: 'cart_viewed',
        data: { cart: { items: Array.from({ length: 251 }, () => ({ quantity: 1 })) } },
      },
      'data.cart.items: must have at most 250 items',
    ],
    [
      { type: 'cart_viewed', data: { cart: { items: [{ quantity: 1 }, { quantity: -1 }] } } },
      'data.cart.items.1.quantity: must not be negative',
    ],
  ])('%j is told what is wrong', (over, reason) => expect(reasonOf(over)).toBe(reason))

  it.each([
    [{ price: '12,50' }, 'data.product.price'],
    [{ price: -1 }, 'data.product.price'],
    [{ price: Number.NaN }, 'data.product.price'],
    [{ price: 1e300 }, 'data.product.price'],
    [{ currency: 'euro' }, 'data.product.currency'],
    [{ title: 'x'.repeat(501) }, 'data.product.title'],
    [{ title: { a: 1 } }, 'data.product.title'],
    [{ id: 2 ** 60 }, 'data.product.id'],
    [{ imageUrl: 'data:text/html,x' }, 'data.product.imageUrl'],
  ])('a product with %j is refused for its field', (over, field) => {
    expect(reasonOfProduct(over)).toMatch(new RegExp(`^${field.replaceAll('.', '\\.')}: `))
  })

  it('never has its values repeated', () => {
    const secret = 'hunter2-hunter2'
    const fields = ['id', 'type', 'at', 'url', 'data'].map(key => viewed({ [key]: { [secret]: secret } }))
    const inProduct = Object.keys(product()).map(key =>
      viewed({ data: { product: product({ [key]: [secret] }) } }),
    )
    const { rejected } = translated([...fields, ...inProduct])
    expect(rejected).toHaveLength(fields.length + inProduct.length)
    expect(JSON.stringify(rejected)).not.toContain(secret)
  })
})
