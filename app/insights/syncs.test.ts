import { describe, expect, it } from 'vitest'
import { vendorById } from '../delivery/connections.ts'
import { EVENT_TYPES } from '../events/types.ts'
import { VENDORS } from '../vendors/registry.ts'
import { SHOP } from '../vendors/testing.ts'
import { completed, exampleSettings, settingsVariants } from './settings-variants.ts'
import { syncsOf } from './syncs.ts'

const all = VENDORS.map(vendor => [vendor.id, vendor] as const)

const found = new Map(
  await Promise.all(VENDORS.map(async vendor => [vendor, await syncsOf(vendor, null, SHOP)] as const)),
)

describe.each(all)('what syncs with %s', (_, vendor) => {
  const { rows, never, limits } = found.get(vendor) ?? { rows: [], never: [], limits: [] }

  it('names each kind of event once, as sent or as never sent', () => {
    expect([...rows.map(({ type }) => type), ...never].sort()).toEqual([...EVENT_TYPES].sort())
    expect(limits.length).toBeGreaterThan(0)
  })

  it.each(rows.map(row => [row.type, row] as const))('tells where fields of %s go', (_type, { fields }) => {
    expect(fields.some(({ goes }) => goes.length > 0)).toBe(true)
    expect(fields.some(({ goes, decides }) => goes.length === 0 && !decides)).toBe(true)
  })

  it('does not know what is private of a person: their e-mail goes with consent or not at all', () => {
    for (const { fields } of rows) {
      const named = fields.filter(({ field }) => field.startsWith('actor.consent.'))
      expect(named.every(({ goes }) => goes.length === 0)).toBe(true)
    }
  })

  it('is worked out once for all shops with the same settings and currency', () => {
    const other = { ...SHOP, domain: 'other.myshopify.com', storefrontUrl: 'https://other.example.com' }
    expect(syncsOf(vendor, null, other)).toBe(syncsOf(vendor, null, SHOP))
    expect(syncsOf(vendor, null, { ...SHOP, currency: 'JPY' })).not.toBe(syncsOf(vendor, null, SHOP))
  })
})

it('lets others be served between two kinds of events while what syncs is worked out', async () => {
  const vendor = vendorById('alana')
  const turns = { done: false, count: 0 }
  const turn = () => {
    turns.count++
    if (!turns.done) setImmediate(turn)
  }
  setImmediate(turn)
  const { rows } = await syncsOf(vendor, null, { currency: 'ISK' })
  turns.done = true
  expect(turns.count).toBeGreaterThanOrEqual(rows.length)
})

describe.each(all)('settings of %s', (_, vendor) => {
  it('can be made up where there are none, with every kind of event on', () => {
    const types = EVENT_TYPES.filter(type => vendor.rows[type])
    const { success } = vendor.settings.safeParse(exampleSettings(vendor, types))
    expect(success).toBe(true)
  })

  it('are varied one at a time, and fit', () => {
    const variants = settingsVariants(vendor, exampleSettings(vendor), ['gift'])
    expect(variants.length).toBeGreaterThan(1)
    for (const { settings } of variants) expect(vendor.settings.safeParse(settings).success).toBe(true)
  })

  it('that are wrong are not made right', () => {
    const [secret] = Object.keys(exampleSettings(vendor))
    expect(completed(vendor, { [secret ?? '']: { no: 'such thing' } })).toBeNull()
  })
})
