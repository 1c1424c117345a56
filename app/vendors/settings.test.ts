import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { VENDORS } from './registry.ts'
import { credential, fieldsOf, nonEmpty, rowsSetting, rowWants } from './settings.ts'
import { product, storeEvent } from './testing.ts'

describe('fieldsOf', () => {
  const settings = z.object({
    apiKey: credential.meta({ label: 'Key', secret: true, where: 'Account' }),
    region: z.enum(['eu', 'us']).default('eu').meta({ label: 'Region' }),
    testOrders: z.boolean().default(false).meta({ label: 'Test orders' }),
    days: z.number().int().optional().meta({ label: 'Days' }),
    rows: rowsSetting,
  })

  it('describes each setting for a form, in order', () => {
    expect(fieldsOf({ id: 'tiny', settings })).toMatchObject([
      { name: 'apiKey', kind: 'text', required: true, secret: true, label: 'Key', where: 'Account' },
      { name: 'region', kind: 'choice', required: false, options: ['eu', 'us'] },
      { name: 'testOrders', kind: 'switch', required: false, options: [] },
      { name: 'days', kind: 'number', required: false },
      { name: 'rows', kind: 'record', required: false, label: 'Events' },
    ])
  })

  it('refuses a setting without a label, and settings that are no object', () => {
    expect(() => fieldsOf({ id: 'tiny', settings: z.object({ a: z.string() }) })).toThrow(
      'setting a has no label',
    )
    expect(() => fieldsOf({ id: 'tiny', settings: z.string() })).toThrow('must be a zod object')
  })

  it.each(VENDORS.map(vendor => [vendor.id, vendor] as const))(
    'reads %s, with a secret among its settings',
    (_id, vendor) => {
      expect(fieldsOf(vendor).some(field => field.secret)).toBe(true)
    },
  )
})

describe('credential and nonEmpty', () => {
  it('take away what was pasted around', () => {
    expect(credential.parse(' key-1\n')).toBe('key-1')
    expect(nonEmpty.parse(' My shop ')).toBe('My shop')
  })

  it.each(['', '   ', 'two words', 'kéy', 'a\u200bb', 'a\nb', 'x'.repeat(501)])(
    'refuse %j as a credential',
    text => {
      expect(credential.safeParse(text).success).toBe(false)
    },
  )

  it.each(['', '   ', 'x'.repeat(501)])('refuse %j as a name', text => {
    expect(nonEmpty.safeParse(text).success).toBe(false)
  })

  it('say nothing of what was given', () => {
    expect(JSON.stringify(credential.safeParse('secret words').error?.issues)).not.toContain('secret words')
  })
})

describe('rowWants', () => {
  const rows = {
    product_viewed: { becomes: 'view', byDefault: true, purposes: [] },
    search_submitted: { becomes: 'search', byDefault: false, purposes: [] },
  }
  const view = storeEvent('product_viewed', { url: null, product: product() })
  const search = storeEvent('search_submitted', { url: null, query: 'x' })
  const other = storeEvent('customer_created', { state: null })

  it.each([
    ['a row that is on by default', view, {}, 'yes'],
    ['one switched off', view, { product_viewed: false }, 'off'],
    ['an optional one', search, {}, 'no'],
    ['an optional one switched on', search, { search_submitted: true }, 'yes'],
    ['an optional one switched off', search, { search_submitted: false }, 'no'],
    ['none', other, { customer_created: true }, 'no'],
  ])('decides by the row: %s', (_what, event, chosen, want) => {
    expect(rowWants({ rows }, event, { rows: chosen })).toBe(want)
  })

  it('knows only store events', () => {
    expect(rowsSetting.safeParse({ product_seen: true }).success).toBe(false)
    expect(rowsSetting.parse(undefined)).toEqual({})
  })
})
