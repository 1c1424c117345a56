import { describe, expect, it } from 'vitest'
import { parseStoreEvent } from '../events/store-event.ts'
import { frozen, HOSTILE_TEXTS, hostileCases, missingCases } from './conformance-cases.ts'
import { orderEvent, product, storeEvent } from './testing.ts'

const view = storeEvent('product_viewed', { url: null, product: product() })

describe('missingCases', () => {
  const cases = missingCases(view)
  it('leave out one field at a time', () => {
    const found = cases.find(c => c.name === 'product_viewed without data.product.title')
    expect(found?.event).toEqual({ ...view, data: { url: null, product: product({ title: null }) } })
  })
  it('empty lists', () => {
    const names = missingCases(orderEvent('order_created')).map(c => c.name)
    expect(names).toContain('order_created without data.order.lines')
  })
  it('leave everything out at the end, outer and inner', () => {
    const [outer, inner] = missingCases(orderEvent('order_created')).slice(-2)
    expect(outer?.event.data).toMatchObject({ order: null, refund: null })
    expect(inner?.event.data).toMatchObject({ order: null })
  })
  it('never touch a required field', () => {
    expect(cases.map(c => c.name)).not.toContain('product_viewed without data.product')
  })
  it('are valid events', () => {
    for (const { event } of cases) expect(() => parseStoreEvent(event)).not.toThrow()
  })
  it('leave the event alone', () => {
    const before = structuredClone(view)
    missingCases(frozen(structuredClone(view)))
    expect(view).toEqual(before)
  })
})

describe('hostileCases', () => {
  const cases = hostileCases(view)
  it('put every hostile text into the title', () => {
    for (const [name, text] of Object.entries(HOSTILE_TEXTS)) {
      const found = cases.find(c => c.name === `product_viewed with ${name} in data.product.title`)
      expect(found?.event.data).toMatchObject({ product: { title: text } })
    }
  })
  it('keep amounts amounts', () => {
    for (const { event } of cases) expect(event.data).toMatchObject({ product: { price: '49.90' } })
  })
  it('trap attribute names', () => {
    const trapped = cases.find(c => c.name.endsWith('trapped attribute names'))
    expect(Object.keys(trapped?.event.actor.attributes ?? {})).toContain('__proto__')
  })
})

describe('frozen', () => {
  it('freezes what is inside', () => {
    const value = frozen({ a: [{ b: 1 }] })
    expect(() => value.a.push({ b: 2 })).toThrow(TypeError)
  })
})
