import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { StoreEvent } from '../events/store-event.ts'
import { EVENT_TYPES, type EventType } from '../events/types.ts'
import {
  choiceOf,
  choosable,
  missingPurposes,
  PURPOSE_CHOICES,
  purposesOf,
  purposesSetting,
} from './purposes.ts'
import { VENDORS } from './registry.ts'
import { fieldsOf, keysOf } from './settings.ts'
import { problemsOf } from './settings-problems.ts'
import { orderEvent } from './testing.ts'
import type { Row } from './vendor.ts'

const row = (...purposes: Row['purposes']): Row => ({ becomes: 'x', byDefault: true, purposes })
const rows = {
  product_viewed: row('marketing', 'analytics'),
  search_submitted: row('analytics'),
  order_created: row(),
}
const vendor = { id: 'tiny', rows, settings: z.object({ purposes: purposesSetting(rows) }) }

describe('purposesOf', () => {
  it('is what is declared unless the shop chooses otherwise', () => {
    expect(purposesOf(vendor, {}, 'product_viewed')).toEqual(['marketing', 'analytics'])
    expect(purposesOf(vendor, null, 'search_submitted')).toEqual(['analytics'])
    const settings = { purposes: { product_viewed: 'marketing', search_submitted: 'analytics+marketing' } }
    expect(purposesOf(vendor, settings, 'product_viewed')).toEqual(['marketing'])
    expect(purposesOf(vendor, settings, 'search_submitted')).toEqual(['analytics', 'marketing'])
  })

  it('is nothing where consent does not count, or nothing is mapped', () => {
    const settings = { purposes: { order_created: 'marketing', page_viewed: 'marketing' } }
    expect(purposesOf(vendor, settings, 'order_created')).toEqual([])
    expect(purposesOf(vendor, settings, 'page_viewed')).toEqual([])
  })

  it.each([
    undefined,
    null,
    'analytics',
    [],
    { product_viewed: [] },
    { product_viewed: '' },
    { product_viewed: 'constructor' },
    { product_viewed: null },
  ])('is what is declared where %j is chosen', purposes => {
    expect(purposesOf(vendor, { purposes }, 'product_viewed')).toEqual(['marketing', 'analytics'])
  })
})

describe('missingPurposes', () => {
  const said = (source: StoreEvent['source'], analytics: boolean | null, marketing: boolean | null) => {
    const event = orderEvent('order_created')
    return { ...event, source, actor: { ...event.actor, consent: { analytics, marketing } } } as StoreEvent
  }
  const missing = (event: StoreEvent, type: EventType = 'product_viewed', settings: unknown = {}) =>
    missingPurposes(event, vendor, settings, type)

  it('asks a browser for a yes, and anything else for no more than that nothing was refused', () => {
    expect(missing(said('storefront', null, true))).toEqual(['analytics'])
    expect(missing(said('pixel', true, null))).toEqual(['marketing'])
    expect(missing(said('webhook', null, null))).toEqual([])
    expect(missing(said('webhook', null, false))).toEqual(['marketing'])
  })

  it('goes by the row that is asked about, whatever the event is, and by what the shop chose for it', () => {
    expect(missing(said('webhook', false, false), 'order_created')).toEqual([])
    expect(missing(said('webhook', false, false), 'search_submitted')).toEqual(['analytics'])
    expect(
      missing(said('webhook', false, true), 'search_submitted', {
        purposes: { search_submitted: 'marketing' },
      }),
    ).toEqual([])
  })
})

describe('the setting', () => {
  it('has room for what consent counts in, and for nothing else', () => {
    expect(choosable(rows)).toEqual(['product_viewed', 'search_submitted'])
    expect(keysOf(vendor, 'purposes')).toEqual(['product_viewed', 'search_submitted'])
    expect(fieldsOf(vendor)).toMatchObject([{ name: 'purposes', kind: 'record', required: false }])
    expect(vendor.settings.parse({})).toEqual({ purposes: {} })
  })

  it.each([
    [
      { product_viewed: 'none' },
      'purposes.product_viewed must be one of analytics, marketing, analytics+marketing',
    ],
    [
      { product_viewed: '' },
      'purposes.product_viewed must be one of analytics, marketing, analytics+marketing',
    ],
    [
      { product_viewed: [] },
      'purposes.product_viewed must be one of analytics, marketing, analytics+marketing',
    ],
    [
      { product_viewed: null },
      'purposes.product_viewed must be one of analytics, marketing, analytics+marketing',
    ],
    [
      { order_created: 'analytics' },
      'purposes must not have "order_created"; it may have product_viewed, search_submitted',
    ],
    [
      { nonsense: 'analytics' },
      'purposes must not have "nonsense"; it may have product_viewed, search_submitted',
    ],
    ['analytics', 'purposes must be JSON with a value for each name'],
    [['analytics'], 'purposes must be JSON with a value for each name'],
  ])('refuses %j with a sentence', (purposes, sentence) => {
    expect(problemsOf(vendor, { purposes })).toEqual([sentence])
  })
})

describe('choiceOf', () => {
  it('names purposes in whatever order', () => {
    expect(choiceOf(['marketing', 'analytics'])).toBe('analytics+marketing')
    expect(choiceOf(['marketing'])).toBe('marketing')
    expect(choiceOf([])).toBeNull()
  })

  it.each(VENDORS.map(each => [each.id, each] as const))('names all that %s declares', (_, { rows }) => {
    for (const type of EVENT_TYPES) {
      const purposes = rows[type]?.purposes ?? []
      expect(PURPOSE_CHOICES.some(choice => choice === choiceOf(purposes))).toBe(purposes.length > 0)
    }
  })
})
