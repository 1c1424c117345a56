import { describe, expect, it } from 'vitest'
import { sampleOf } from '../events/samples.ts'
import { isType, type StoreEvent } from '../events/store-event.ts'
import { VENDORS } from '../vendors/registry.ts'
import { SHOP } from '../vendors/testing.ts'
import { previewOf } from './preview.ts'
import { exampleSettings } from './settings-variants.ts'

const LINES = 250
const now = new Date('2026-11-20T12:00:00.000Z')
const OPTIONS = { secrets: [], invented: true, baseUrl: undefined, ended: null }

/** An order of so many lines, all alike but for their ids. */
function longOrder(): StoreEvent {
  const { storefrontUrl } = SHOP
  const sample = sampleOf('order_created', { at: now.toISOString(), currency: 'EUR', storefrontUrl })
  if (!isType(sample, 'order_created') || !sample.data.order) throw new Error('no order')
  const { order } = sample.data
  const lines = Array.from({ length: LINES }, (_, at) => ({ ...order.lines[0], id: String(at) }))
  return { ...sample, data: { ...sample.data, order: { ...order, lines } } } as StoreEvent
}

function linesIn(event: StoreEvent): number {
  return isType(event, 'order_created') ? (event.data.order?.lines.length ?? 0) : 0
}

const takers = VENDORS.filter(vendor => vendor.rows.order_created)

describe.each(takers.map(vendor => [vendor.id, vendor] as const))('a preview by %s', (_, vendor) => {
  it('of a 250-line order plans the whole of it for its requests, and short copies for where fields go', () => {
    const planned: number[] = []
    const watched: typeof vendor = {
      ...vendor,
      plan: (deliveries, settings, shop) => {
        planned.push(...deliveries.map(({ event }) => linesIn(event)))
        return vendor.plan(deliveries, settings, shop)
      },
    }
    const settings = exampleSettings(vendor, ['order_created'])
    const deciding = { vendor: watched, settings, shop: SHOP, now, memories: new Map() }
    const { made, fields } = previewOf(longOrder(), deciding, OPTIONS)
    expect(made.kind).toBe('sent')
    expect(fields.map(({ field }) => field)).toContain('order.lines.quantity')
    const whole = planned.filter(count => count === LINES)
    // Once as it is, and once more to compare it with what the vendor may teach.
    expect(whole.length).toBeLessThanOrEqual(2 + (vendor.learns?.length ?? 0))
    expect(whole.length).toBeGreaterThan(0)
    expect(planned.filter(count => count > 2)).toEqual(whole)
    expect(planned.length).toBeGreaterThan(10 * whole.length)
  })
})
