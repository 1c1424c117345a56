import { expect, it } from 'vitest'
import { NOBODY } from '../events/store-event.ts'
import { product, storeEvent } from '../vendors/testing.ts'
import { neededBy } from './needed.ts'

const row = { label: 'Views', optional: false, purposes: ['marketing'] } as const
const vendor = { rows: { product_viewed: row } } as unknown as Parameters<typeof neededBy>[0]
const asked = (marketing: boolean | null, source = 'storefront') => ({
  ...storeEvent('product_viewed', { url: null, product: product({}) }),
  ...{ source: source as 'storefront', actor: { ...NOBODY, consent: { analytics: true, marketing } } },
})
const none = new Map()
const refused = new Map([['marketing', new Date('2026-11-20T12:00:00Z')]] as const)

it.each([
  [true, 'storefront', 'allowed'],
  [false, 'storefront', 'refused'],
  [null, 'pixel', 'unanswered'],
  [null, 'webhook', 'unknown'],
])('a word of %s, told by %s, stands as %s', (marketing, source, stands) => {
  const needed = neededBy(vendor, {}, asked(marketing, source), none)
  expect(needed).toEqual([{ purpose: 'marketing', stands, at: null }])
})

it('tells when a yes was withdrawn, and of a no that it was one from the beginning', () => {
  expect(neededBy(vendor, {}, asked(true), refused)).toEqual([
    { purpose: 'marketing', stands: 'withdrawn', at: '2026-11-20T12:00:00.000Z' },
  ])
  expect(neededBy(vendor, {}, asked(false), refused)).toMatchObject([{ stands: 'refused' }])
})

it('goes by the purposes that the shop has chosen, and needs none where the vendor takes nothing of it', () => {
  const chosen = { purposes: { product_viewed: 'analytics+marketing' } }
  const needed = neededBy(vendor, chosen, asked(null), none)
  expect(needed).toMatchObject([
    { purpose: 'analytics', stands: 'allowed' },
    { purpose: 'marketing', stands: 'unanswered' },
  ])
  expect(neededBy({ rows: {} }, {}, asked(true), none)).toEqual([])
})
