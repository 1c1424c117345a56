import { describe, expect, it } from 'vitest'
import { vendorById } from '../delivery/connections.ts'
import { VENDORS } from '../vendors/registry.ts'
import { fieldsOf } from '../vendors/settings.ts'
import { problemsByField } from '../vendors/settings-problems.ts'
import type { Vendor } from '../vendors/vendor.ts'
import { exampleSettings, settingsVariants } from './settings-variants.ts'
import { type FormValues, formOf, givenIn, type VendorForm } from './vendor-form.ts'

const voucherify = vendorById('voucherify')
const alana = vendorById('alana')
const SAVED = {
  appId: 'a1',
  appToken: 'secret-token-1234',
  eventNames: { order_paid: 'paid' },
  eventMetadata: { order_paid: 'total,tax', cart_viewed: [] },
  rows: { page_viewed: true },
  purposes: { product_viewed: 'analytics+marketing' },
}

/** What a browser sends when nothing is changed. */
const sent = ({ fields, rows }: VendorForm): FormValues =>
  Object.fromEntries([
    ...fields.map(({ name, value }) => [name, value]),
    ...rows.flatMap(({ name, on, consent, texts, lists }) => [
      [name, on ? 'on' : ''],
      ...(consent ? [[consent.name, consent.value]] : []),
      ...texts.map(text => [text.name, text.value]),
      ...lists.flatMap(({ name: list, value, own }) => [
        [list, value],
        [own.name, own.on ? 'on' : ''],
      ]),
    ]),
  ])

describe('a form', () => {
  const form = formOf(voucherify, SAVED)
  const field = (name: string) => form.fields.find(({ setting }) => setting === name)
  const row = (type: string) => form.rows.find(each => each.type === type)

  it('shows how a secret ends, and nothing else of it', () => {
    expect(field('appToken')).toMatchObject({ kind: 'secret', value: '', saved: '…1234' })
    expect(JSON.stringify(form)).not.toContain('secret-token')
  })

  it('shows what is set, and defaults where nothing is', () => {
    expect(field('appId')?.value).toBe('a1')
    expect(field('region')).toMatchObject({ kind: 'choice', value: 'eu' })
    expect(field('metadata')?.value).toMatch(/^occurred_at, /)
  })

  it('says which choice makes a setting needed', () => {
    expect(field('clientToken')?.neededWhen).toEqual({
      ...{ name: 'set.mode', label: 'Keys', value: 'client' },
      says: 'Client-side keys',
    })
  })

  it('has what is set for each kind of event beside it', () => {
    expect(row('order_paid')?.texts).toEqual([
      { name: 'set.eventNames.order_paid', label: 'Event name', value: 'paid' },
    ])
    expect(field('eventNames')).toBeUndefined()
    expect(row('page_viewed')).toMatchObject({ on: true, byDefault: false })
  })

  it('has the list of each kind of event beside it, and what it has of the list for all where it has none', () => {
    expect(row('order_paid')?.lists).toMatchObject([
      {
        ...{ name: 'set.eventMetadata.order_paid', value: 'total, tax', inPlaceOf: 'Metadata' },
        own: { name: 'own.eventMetadata.order_paid', on: true },
      },
    ])
    expect(row('cart_viewed')?.lists).toMatchObject([{ value: '', own: { on: true } }])
    const [search] = row('search_submitted')?.lists ?? []
    expect(search).toMatchObject({ value: 'occurred_at, query', own: { on: false } })
    expect(search?.options).toEqual(['occurred_at', 'shop_domain', 'query'])
    expect(search?.names.query).toBe('Search words')
    expect(field('eventMetadata')).toBeUndefined()
  })

  it('shows a list that the command line gave as a text', () => {
    const given = formOf(voucherify, { ...SAVED, metadata: 'total,tax' })
    expect(given.fields.find(({ setting }) => setting === 'metadata')?.value).toBe('total, tax')
  })

  it('has what a visitor must have allowed beside each kind of event in which consent counts', () => {
    expect(row('product_viewed')).toMatchObject({
      purposes: ['analytics', 'marketing'],
      consent: {
        ...{ name: 'purposes.product_viewed', value: 'analytics+marketing', byDefault: 'marketing' },
        notice: false,
      },
    })
    expect(row('order_paid')?.consent).toMatchObject({ value: 'marketing', notice: true })
    expect(row('customer_created')).toMatchObject({ purposes: [], consent: null })
    expect(field('purposes')).toBeUndefined()
  })

  it('shows what is declared where what is saved is no choice', () => {
    const forms = [
      { product_viewed: 'none' },
      { product_viewed: '' },
      { product_viewed: [] },
      'analytics',
      null,
    ]
    for (const purposes of forms) {
      const [view] = formOf(alana, { purposes }).rows.filter(({ type }) => type === 'product_viewed')
      expect(view).toMatchObject({ purposes: ['analytics'], consent: { value: 'analytics' } })
    }
  })

  it.each(VENDORS.map(vendor => [vendor.id, vendor] as const))(
    'of %s has no secret that can be read',
    (_, vendor) => {
      for (const { kind, value } of formOf(vendor, null).fields) if (kind === 'secret') expect(value).toBe('')
    },
  )
})

describe('where requests go', () => {
  const shop = { domain: 'a.myshopify.com', name: null, currency: null, storefrontUrl: 'https://a.example' }

  it.each(VENDORS.map(vendor => [vendor.id, vendor] as const))(
    'is changed only by settings of %s that say so',
    (_, declared) => {
      const vendor: Vendor<unknown> = declared
      const hostBy = (settings: unknown) => new URL(vendor.test(settings, shop).request.url).host
      const settings = exampleSettings(declared)
      const leading = fieldsOf(vendor).flatMap(({ label, leads }) => (leads ? [label] : []))
      const others = settingsVariants(declared, settings, ['https://other.example'])
      const moved = others.filter(other => hostBy(other.settings) !== hostBy(settings))
      expect(moved.map(({ label }) => label).filter(label => !leading.includes(label))).toEqual([])
      expect(moved.length > 0).toBe(leading.length > 0)
    },
  )
})

describe('what a form sends', () => {
  it('unchanged means what is saved', () => {
    const given = givenIn(voucherify, SAVED, sent(formOf(voucherify, SAVED)))
    expect(voucherify.settings.parse(given)).toEqual(voucherify.settings.parse(SAVED))
  })

  it('keeps a secret that is left empty, and takes one that is entered', () => {
    expect(givenIn(alana, { apiKey: 'old' }, { 'set.apiKey': ' ' }).apiKey).toBe('old')
    expect(givenIn(alana, { apiKey: 'old' }, { 'set.apiKey': 'new' }).apiKey).toBe('new')
    expect(givenIn(alana, {}, {})).not.toHaveProperty('apiKey')
  })

  it.each([
    ['another address', { 'set.baseUrl': 'https://collect.example.com' }],
    ['another region', { 'set.region': 'us1' }],
  ])('that leads to %s does not take the saved secret there', (_, changed) => {
    const form = sent(formOf(voucherify, SAVED))
    const given = givenIn(voucherify, SAVED, { ...form, ...changed })
    expect(given).not.toHaveProperty('appToken')
    expect(problemsByField(voucherify, given, SAVED).get('appToken')).toBe(
      'Secret key: enter the key again, because it would go to another address',
    )
    const entered = givenIn(voucherify, SAVED, { ...form, ...changed, 'set.appToken': 'new' })
    expect([entered.appToken, problemsByField(voucherify, entered, SAVED).size]).toEqual(['new', 0])
  })

  it('stores of the rows only what differs from the default', () => {
    const all = Object.fromEntries(Object.keys(alana.rows).map(type => [`row.${type}`, 'on']))
    expect(givenIn(alana, {}, all).rows).toEqual({})
    expect(givenIn(alana, {}, { ...all, 'row.search_submitted': '' }).rows).toEqual({
      search_submitted: false,
    })
  })

  it('stores of the purposes only what differs from what is declared', () => {
    const purposes = { 'purposes.product_viewed': 'marketing', 'purposes.cart_viewed': 'analytics' }
    expect(givenIn(alana, {}, purposes).purposes).toEqual({ product_viewed: 'marketing' })
    expect(givenIn(alana, { purposes: { search_submitted: 'marketing' } }, {}).purposes).toEqual({})
  })

  it('has a list for a kind of event only where it is to have its own, which may be empty', () => {
    const listOf = (own: string, list: string) =>
      givenIn(voucherify, {}, { 'own.eventMetadata.order_paid': own, 'set.eventMetadata.order_paid': list })
        .eventMetadata
    expect(listOf('on', 'total, tax')).toEqual({ order_paid: ['total', 'tax'] })
    expect(listOf('on', '')).toEqual({ order_paid: [] })
    expect(listOf('', 'total, tax')).toEqual({})
  })

  it.each(['none', 'analytics,marketing', 'marketing+analytics', '[]', '__proto__'])(
    'is refused with a sentence where a purpose is %j',
    chosen => {
      const given = givenIn(alana, {}, { 'set.apiKey': 'k', 'purposes.product_viewed': chosen })
      expect([...problemsByField(alana, given)]).toEqual([
        ['purposes', 'Consent.product_viewed must be one of analytics, marketing, analytics+marketing'],
      ])
    },
  )

  it('chooses nothing for kinds of events in which consent does not count', () => {
    const given = givenIn(vendorById('ecomail'), {}, { 'purposes.order_created': 'marketing' })
    expect(given.purposes).toEqual({})
  })

  it('reads a line for each name and value', () => {
    const { attributes } = givenIn(
      voucherify,
      {},
      { 'set.attributes': 'plan = subscription\n\npoints=score:number' },
    )
    expect(attributes).toEqual({ plan: 'subscription', points: 'score:number' })
  })

  it('is not taken for settings that the vendor does not have', () => {
    expect(givenIn(alana, {}, { 'set.enabled': 'on', 'set.__proto__': 'x' })).not.toHaveProperty('enabled')
  })
})
