import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orderEvent, planned, product, SHOP, storeEvent } from '../testing.ts'
import type { Planned } from '../vendor.ts'
import { alana } from './index.ts'
import { BATCH, planAlana, SEND_ALONE } from './plan.ts'
import { alanaSettings } from './settings.ts'

const settings = alanaSettings.parse({ apiKey: 'ak_1' })
const id = (n: number): string => `01930000-0000-7000-8000-${String(n).padStart(12, '0')}`
const view = (n: number, over: Partial<Planned> = {}): Planned =>
  planned({ ...storeEvent('product_viewed', { url: null, product: product() }), id: id(n) }, over)
const bought = (n: number): Planned => planned({ ...orderEvent('order_created'), id: id(n) })

describe('planAlana', () => {
  it('puts views together in one request', () => {
    const { steps } = planAlana([view(1), view(2)], settings)
    expect(steps.map(step => step.deliveries)).toEqual([[id(1), id(2)]])
    expect(steps[0]?.request.headers).toEqual({ 'Content-Type': 'application/json', 'x-api-key': 'ak_1' })
  })
  it('sends each purchase alone, after the rest', () => {
    const { steps } = planAlana([bought(1), view(2), bought(3), view(4)], settings)
    expect(steps.map(step => step.deliveries)).toEqual([[id(2), id(4)], [id(1)], [id(3)]])
  })
  it('sends alone what was refused in a batch', () => {
    const { steps } = planAlana(
      [view(1, { learned: [SEND_ALONE] }), view(2, { learned: [SEND_ALONE] })],
      settings,
    )
    expect(steps.map(step => step.deliveries)).toEqual([[id(1)], [id(2)]])
  })
  it('plans nothing that is done', () => {
    expect(planAlana([view(1, { done: ['event'] })], settings)).toEqual({ steps: [], skips: [] })
  })
  it('plans nothing for nothing', () => expect(planAlana([], settings)).toEqual({ steps: [], skips: [] }))
  it('never puts more than a batch or a purchase with others into one request', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 350 }), kinds => {
        const deliveries = kinds.map((isOrder, n) => (isOrder ? bought(n) : view(n)))
        const { steps } = planAlana(deliveries, settings)
        const orders = new Set(deliveries.filter((_, n) => kinds[n]).map(d => d.event.id))
        for (const step of steps) {
          expect(step.deliveries.length).toBeLessThanOrEqual(BATCH)
          if (step.deliveries.some(d => orders.has(d))) expect(step.deliveries).toHaveLength(1)
        }
        expect(steps.flatMap(step => step.deliveries).toSorted()).toEqual(
          deliveries.map(d => d.event.id).toSorted(),
        )
      }),
      { numRuns: 50 },
    )
  })
})

describe('the declaration', () => {
  it('wants home pages, and no other pages', () => {
    const page = (type: string) =>
      storeEvent('page_viewed', { url: null, page: { type, title: null, referrer: null } })
    expect(alana.wants(page('index'), settings)).toBe('yes')
    expect(alana.wants(page('product'), settings)).toBe('no')
    const off = alanaSettings.parse({ apiKey: 'ak_1', rows: { page_viewed: false } })
    expect(alana.wants(page('index'), off)).toBe('off')
  })
  it('keeps both documented limits', () => {
    expect(alana.limits(settings)).toEqual({
      limits: [
        { scope: 'key', requests: 1000, windowSeconds: 60 },
        { scope: 'key+address', requests: 100, windowSeconds: 60 },
      ],
      batch: 100,
      concurrency: 1,
    })
  })
  it('needs analytics for every row', () => {
    for (const row of Object.values(alana.rows)) expect(row.purposes).toEqual(['analytics'])
  })
  it('tests with autocomplete, which records nothing', () => {
    expect(alana.test(settings, SHOP).request).toEqual({
      method: 'GET',
      url: 'https://alana.shopping/api/v1/autocomplete?query=te',
      headers: { 'x-api-key': 'ak_1' },
    })
  })
  it('says that it cannot forget', () => {
    expect(alana.forget({ customerId: '1', email: null, visitorIds: [] }, settings)).toHaveProperty('cannot')
  })
  it('takes every event for itself', () =>
    expect(alana.stateOf(orderEvent('order_created'), settings)).toBeNull())
})
