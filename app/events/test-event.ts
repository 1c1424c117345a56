/** The event of a merchant's test: a view of a product by their own address. Pure. */
import type { Product } from './data.ts'
import { NOBODY, type StoreEventOf } from './store-event.ts'

type NewView = Omit<StoreEventOf<'product_viewed'>, 'id' | 'receivedAt'>

/** @param key of the test: pressed twice, it is one event @param email as its owner gave it, who allows both purposes by sending */
export function testEventOf(key: string, email: string, product: Product, at: Date): NewView {
  return {
    type: 'product_viewed',
    source: 'test',
    dedupeKey: `test:${key}`,
    occurredAt: at.toISOString(),
    subject: null,
    version: null,
    // No visitor and no customer: nothing is learned of whose browser or record the address is.
    actor: { ...NOBODY, email, consent: { analytics: true, marketing: true } },
    data: { url: product.url, product },
  }
}
