/** Topics that make no event: products, the shop, the app, privacy. */
import { describe, expect, it } from 'vitest'
import { product, translated } from '../testing.ts'

const effectsOf = (topic: string, payload: unknown) => translated(topic, payload).effects

describe('products', () => {
  it('are saved with variants, images, taxonomy and metafields', () => {
    expect(translated('products/update', product())).toEqual({
      events: [],
      effects: [
        {
          kind: 'product_saved',
          productId: '788032119674292922',
          handle: 'brass-lantern',
          title: 'Brass Lantern',
          brand: 'Glow',
          productType: 'Lamps',
          category: 'Home & Garden > Lighting > Lanterns',
          tags: ['garden', 'brass'],
          imageUrl: 'https://cdn.example.com/lantern.jpg',
          variants: [
            {
              id: '43012345678901',
              sku: 'BL-L',
              title: 'Large',
              imageUrl: 'https://cdn.example.com/lantern-large.jpg',
            },
          ],
          metafields: { 'alana.uuid': '5f4dcc3b' },
          updatedAt: '2026-11-20T09:00:00.000Z',
          noticedAt: '2026-11-20T12:00:01.500Z',
        },
      ],
      ignored: null,
    })
  })

  it('find a variant image by the variants an image names, and none where there is none', () => {
    const variants = [{ id: '43012345678901' }, { id: '9' }, { sku: 'no id' }]
    expect(effectsOf('products/create', product({ variants }))).toMatchObject([
      { variants: [{ imageUrl: 'https://cdn.example.com/lantern-large.jpg' }, { id: '9', imageUrl: null }] },
    ])
  })

  it('find the first of the images that name a variant, and one by its id', () => {
    const images = [
      { id: '1', src: 'https://cdn.example.com/a.jpg', variant_ids: ['7', '8'] },
      { id: '2', src: 'https://cdn.example.com/b.jpg', variant_ids: ['7'] },
    ]
    const variants = [{ id: '7' }, { id: '7', image_id: '2' }, { id: '8', image_id: '3' }]
    const found = ['https://cdn.example.com/a.jpg', 'https://cdn.example.com/b.jpg', null]
    expect(effectsOf('products/update', product({ images, variants }))).toMatchObject([
      { variants: found.map(imageUrl => ({ imageUrl })) },
    ])
  })

  it('read tags as a list too, and the short category', () => {
    const other = product({ tags: ['a', 'b'], category: { name: 'Lanterns' }, image: null, images: [] })
    expect(effectsOf('products/create', other)).toMatchObject([
      { tags: ['a', 'b'], category: 'Lanterns', imageUrl: null },
    ])
  })

  it('are deleted by id', () => {
    expect(effectsOf('products/delete', { id: '788032119674292922' })).toEqual([
      { kind: 'product_deleted', productId: '788032119674292922', at: '2026-11-20T12:00:01.500Z' },
    ])
  })

  it.each(['products/update', 'products/delete'])('without an id are ignored: %s', topic => {
    expect(translated(topic, { title: 'x' }).ignored).toBe('The product has no id.')
  })
})

describe('the shop and the app', () => {
  it('tells what the shop is called and counts in', () => {
    const shop = { name: 'Lantern Shop', domain: 'lantern.example.com', currency: 'EUR', country_code: 'SK' }
    expect(effectsOf('shop/update', shop)).toEqual([
      {
        kind: 'shop_changed',
        name: 'Lantern Shop',
        currency: 'EUR',
        primaryDomain: 'lantern.example.com',
        timeZone: null,
        updatedAt: '2026-11-20T12:00:01.500Z',
        noticedAt: '2026-11-20T12:00:01.500Z',
      },
    ])
  })

  it.each([
    ['Pacific/Auckland', 'Pacific/Auckland'],
    ['Mars/Olympus_Mons', null],
    ['+05:30', null],
    [null, null],
  ])('tells the time zone %s as %s', (iana_timezone, timeZone) => {
    expect(effectsOf('shop/update', { name: 'Lantern Shop', iana_timezone })).toMatchObject([{ timeZone }])
  })

  it('tells the scopes that are granted now', () => {
    expect(effectsOf('app/scopes_update', { previous: ['a'], current: ['a', 'b'] })).toMatchObject([
      { kind: 'scopes_changed', scopes: ['a', 'b'] },
    ])
    expect(translated('app/scopes_update', {}).ignored).toBe('The notice names no scopes.')
  })

  it('tells that the app is gone, whatever the payload', () => {
    expect(effectsOf('app/uninstalled', { myshopify_domain: null })).toEqual([
      { kind: 'uninstalled', at: '2026-11-20T12:00:01.500Z' },
    ])
  })
})

describe('privacy requests', () => {
  it('name the person and the orders', () => {
    const request = {
      customer: { id: '191167', email: 'shopper@example.com', phone: '+421900000001' },
      orders_requested: ['299938', 280263],
      data_request: { id: '9999' },
    }
    expect(effectsOf('customers/data_request', request)).toEqual([
      {
        kind: 'privacy_request',
        topic: 'customers/data_request',
        requestId: '9999',
        customerId: '191167',
        email: 'shopper@example.com',
        phone: '+421900000001',
        orderIds: ['299938', '280263'],
      },
    ])
  })

  it('may name only an e-mail address, or nobody', () => {
    expect(
      effectsOf('customers/redact', { customer: { email: 'a@example.com' }, orders_to_redact: ['1'] }),
    ).toEqual([
      {
        kind: 'privacy_request',
        topic: 'customers/redact',
        requestId: null,
        customerId: null,
        email: 'a@example.com',
        phone: null,
        orderIds: ['1'],
      },
    ])
    expect(effectsOf('shop/redact', { shop_id: '1' })).toMatchObject([
      { topic: 'shop/redact', customerId: null },
    ])
  })
})
