/** For tests of what a storefront tells: batches of one event, as its script sends them. */
import { translateBatch } from './storefront.ts'

export type Fields = Record<string, unknown>

export const RECEIVED_AT = new Date('2026-11-20T12:00:01.000Z')
export const context = { customerId: null, receivedAt: RECEIVED_AT, source: 'storefront' as const }

export const product = (over: Fields = {}): Fields => ({
  id: '8012345678901',
  variantId: '43012345678901',
  handle: 'brass-lantern',
  title: 'Brass Lantern',
  variantTitle: 'Large',
  sku: 'BL-L',
  vendor: 'Glow',
  type: 'Lamps',
  price: '49.90',
  currency: 'EUR',
  url: 'https://lantern.example.com/products/brass-lantern',
  imageUrl: '//cdn.example.com/lantern.jpg',
  ...over,
})

export const viewed = (over: Fields = {}): Fields => ({
  id: 'c0a8-1',
  type: 'product_viewed',
  at: '2026-11-20T11:59:58.120Z',
  url: 'https://lantern.example.com/products/brass-lantern',
  data: { product: product() },
  ...over,
})

export const batch = (events: unknown[], over: Fields = {}): Fields => ({
  visitorId: '3f0c-visitor',
  sentAt: '2026-11-20T12:00:00.000Z',
  consent: { analytics: true, marketing: false },
  events,
  ...over,
})

export function translated(events: unknown[], over: Fields = {}) {
  const result = translateBatch(batch(events, over), context)
  if ('malformed' in result) throw new Error(result.malformed)
  return result
}
