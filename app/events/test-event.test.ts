import { expect, it } from 'vitest'
import { saidIn } from '../identity/links.ts'
import { refusalsIn } from '../identity/refusals.ts'
import { missingPurposes } from '../vendors/purposes.ts'
import { product } from '../vendors/testing.ts'
import { type Consent, parseStoreEvent, type StoreEvent } from './store-event.ts'
import { testEventOf } from './test-event.ts'

const AT = new Date('2026-11-22T10:00:00Z')
const made = testEventOf('k1', 'me@example.com', product(), AT)
const event: StoreEvent = {
  ...made,
  id: '0199f2c0-0000-7000-8000-000000000001',
  receivedAt: AT.toISOString(),
}

it('a test is a view of a product by an address, the same test the same happening', () => {
  expect(parseStoreEvent(event)).toEqual(event)
  expect(made).toMatchObject({ type: 'product_viewed', source: 'test', dedupeKey: 'test:k1' })
  expect(testEventOf('k1', 'other@example.com', product(), new Date()).dedupeKey).toBe(made.dedupeKey)
})

it('a test ties no address to a browser or a customer, and refuses nothing', () => {
  expect(made.actor).toMatchObject({ visitorId: null, customerId: null, acceptsMarketing: null })
  expect(saidIn([{ shopId: 1, event }], new Set([1]))).toEqual({ sessions: [], checkouts: [], attested: [] })
  expect(refusalsIn([{ shopId: 1, event }])).toEqual([])
})

it('a test needs the same yes as a visit', () => {
  const rows = {
    product_viewed: { becomes: 'view', byDefault: true, purposes: ['analytics', 'marketing'] as const },
  }
  const missing = (consent: Consent) =>
    missingPurposes({ ...event, actor: { ...event.actor, consent } }, { rows }, {}, 'product_viewed')
  expect(missing(event.actor.consent)).toEqual([])
  expect(missing({ analytics: true, marketing: null })).toEqual(['marketing'])
})
