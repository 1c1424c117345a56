import { describe, expect, it } from 'vitest'
import { sampleOf } from './samples.ts'
import { parseStoreEvent } from './store-event.ts'
import { EVENT_TYPES } from './types.ts'

const OPTIONS = {
  at: '2026-11-20T12:00:00.000Z',
  currency: 'CZK',
  storefrontUrl: 'https://lantern.example.com',
}

describe('samples', () => {
  it.each(EVENT_TYPES)('have a valid event of the type %s', type => {
    const sample = sampleOf(type, OPTIONS)
    expect(parseStoreEvent(sample)).toEqual(sample)
    expect(sample.type).toBe(type)
  })

  it.each(EVENT_TYPES)('name nobody in %s', type => {
    const emails = JSON.stringify(sampleOf(type, OPTIONS)).match(/[^"\s]+@[^"\s]+/g) ?? []
    expect(emails.filter(email => !email.endsWith('@example.com'))).toEqual([])
  })

  it('have the metafields that are asked for', () => {
    const { product } = sampleOf('product_viewed', { ...OPTIONS, metafields: ['alana.id'] }).data
    expect(product.metafields).toHaveProperty(['alana.id'])
  })
})
