import { describe, expect, it } from 'vitest'
import type { StoreEvent } from '../../events/store-event.ts'
import { line, orderEvent, planned, product, SHOP, storeEvent } from '../testing.ts'
import type { Planned } from '../vendor.ts'
import { ecomail } from './index.ts'
import { ecomailSettings } from './settings.ts'

const settings = ecomailSettings.parse({ apiKey: 'k' })
const withContacts = ecomailSettings.parse({ apiKey: 'k', listId: '3', createContacts: true })
const known = {
  memory: { version: '2026-11-20T12:00:00.000Z', eventId: '01930000-0000-7000-8000-000000000000' },
}
const plan = (event: StoreEvent, over: Partial<Planned> = {}, chosen = settings) =>
  ecomail.plan([planned(event, over)], chosen, SHOP)
const names = (event: StoreEvent, over: Partial<Planned> = {}, chosen = settings) =>
  plan(event, over, chosen).steps.map(step => step.name)
const skip = (event: StoreEvent, over: Partial<Planned> = {}, chosen = settings) =>
  plan(event, over, chosen).skips[0]
const target = (event: StoreEvent, over: Partial<Planned> = {}, chosen = settings) => {
  const request = plan(event, over, chosen).steps[0]?.request
  return `${request?.method} ${request?.url.replace('https://api2.ecomailapp.cz', '')}`
}

const created = orderEvent('order_created')
const paid = orderEvent('order_paid', { financialStatus: 'paid' })
const viewed = storeEvent('product_viewed', { url: null, product: product() })
const nobody = { actor: { ...viewed.actor, email: null } }

describe('orders', () => {
  it.each(['.', '..'])('skips an order named %s, which would change another path', name => {
    const byName = ecomailSettings.parse({ apiKey: 'k', orderId: 'order_name' })
    const event = orderEvent('order_paid', { name })
    const { steps, skips } = ecomail.plan(
      [planned(event, { memory: { ...known.memory, version: null } })],
      byName,
      SHOP,
    )
    expect({ steps, skips }).toMatchObject({
      steps: [],
      skips: [{ reason: 'missing_field', detail: 'order_name' }],
    })
  })

  it('are created the first time and overwritten from then on', () => {
    expect(target(created)).toBe('POST /tracker/transaction')
    expect(target(paid, known)).toBe('PUT /tracker/transaction/5123456789012')
  })

  it('go by what an answer taught rather than by what is remembered', () => {
    expect(target(created, { learned: ['order_exists'] })).toMatch(/^PUT/)
    expect(target(paid, { ...known, learned: ['order_missing'] })).toMatch(/^POST/)
    expect(target(created, { learned: ['order_exists', 'order_missing'] })).toMatch(/^POST/)
  })

  it('encode their name in the path', () => {
    const named = ecomailSettings.parse({ apiKey: 'k', orderId: 'order_name' })
    expect(target(paid, known, named)).toBe('PUT /tracker/transaction/%231001')
  })

  it('leave the state of the order behind', () => {
    expect(plan(paid, known).steps[0]?.leaves).toEqual({
      subject: 'order:5123456789012',
      version: '2026-11-20T12:00:05.000Z',
    })
    expect(ecomail.stateOf(paid, settings)).toBe('order:5123456789012')
  })

  it('are skipped with the reason', () => {
    const bare = storeEvent('order_refunded', { orderId: '1', order: null, refund: null })
    expect(ecomail.stateOf(bare, settings)).toBeNull()
    expect(skip(bare)?.reason).toBe('carried_by_order_update')
    expect(skip(orderEvent('order_created', { test: true }))?.reason).toBe('test_order')
    expect(skip({ ...created, ...nobody } as StoreEvent)?.reason).toBe('no_email')
    expect(skip(orderEvent('order_created', { total: null }))).toMatchObject({
      reason: 'missing_field',
      detail: 'total',
    })
    expect(skip(orderEvent('order_updated', { lines: [] }))).toMatchObject({
      reason: 'missing_field',
      detail: 'lines',
    })
    const named = ecomailSettings.parse({ apiKey: 'k', orderId: 'order_name' })
    expect(skip(orderEvent('order_created', { name: null }), {}, named)).toMatchObject({
      reason: 'missing_field',
      detail: 'order_name',
    })
  })

  it('of the test gateway go out when the merchant wants them', () => {
    const wanting = ecomailSettings.parse({ apiKey: 'k', testOrders: true })
    expect(names(orderEvent('order_created', { test: true }), {}, wanting)).toContain('transaction')
  })
})

describe('an order that was refunded in full', () => {
  it('does not lose its items at Ecomail, where PUT overwrites the whole order', () => {
    const gone = [line({ quantity: 0, total: '0.00' }), line({ quantity: 0, total: '0.00' })]
    const refunded = orderEvent('order_updated', { financialStatus: 'refunded', total: '0.00', lines: gone })
    expect(plan(refunded, known).steps[0]?.request).toMatchObject({
      method: 'PUT',
      body: {
        transaction: { amount: 0, status: 'canceled' },
        transaction_items: [{ code: 'BL-L', title: 'Brass Lantern', amount: 0, price: 0 }, { code: 'BL-L' }],
      },
    })
  })
})

describe('the basket after an order', () => {
  it('is emptied once, and remembered as the state of the cart', () => {
    const { steps } = plan(created)
    expect(steps.map(step => step.name)).toEqual(['transaction', 'clear-basket'])
    expect(steps[1]?.leaves).toEqual({ subject: 'cart:cart-token-1', version: '2026-11-20T12:00:00.000Z' })
    expect(JSON.stringify(steps[1]?.request.body)).toContain('\\"products\\":[]')
    expect(names(paid, known)).toEqual(['transaction'])
  })

  it('is emptied on the next attempt when the transaction alone went through', () => {
    expect(names(created, { ...known, done: ['transaction'] })).toEqual(['clear-basket'])
    expect(names(created, { ...known, done: ['transaction', 'clear-basket'] })).toEqual([])
  })

  it('is left alone when that is switched off, imported, old, or no checkout was involved', () => {
    const off = ecomailSettings.parse({ apiKey: 'k', clearBasket: false })
    expect(names(created, {}, off)).toEqual(['transaction'])
    expect(names({ ...created, source: 'import' })).toEqual(['transaction'])
    expect(names(orderEvent('order_updated', { createdAt: '2026-11-01T12:00:00.000Z' }))).toEqual([
      'transaction',
    ])
    expect(names(orderEvent('order_created', { cartToken: null, checkoutToken: null }))).toEqual([
      'transaction',
    ])
  })

  const choosing = (
    analytics: boolean | null,
    marketing: boolean | null,
    event: StoreEvent = created,
  ): StoreEvent => ({ ...event, actor: { ...event.actor, consent: { analytics, marketing } } })

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [null, false],
  ])('is not told of where Basket events are refused: analytics %s, marketing %s', (analytics, marketing) => {
    const refused = choosing(analytics, marketing)
    expect(names(refused)).toEqual(['transaction'])
    expect(names(refused, { ...known, done: ['transaction'] })).toEqual([])
    expect(names(refused, { learned: ['contact_missing'] }, withContacts)).toEqual([
      'create-contact',
      'transaction',
    ])
  })

  it('is emptied where the choice is not known: the baskets before it went as well', () => {
    expect(names(choosing(null, null))).toEqual(['transaction', 'clear-basket'])
  })

  it('needs what the shop has chosen for a Basket row', () => {
    const purposes = { cart_updated: 'analytics' }
    const chosen = ecomailSettings.parse({ apiKey: 'k', purposes })
    expect(names(choosing(true, false), {}, chosen)).toEqual(['transaction', 'clear-basket'])
    expect(names(choosing(false, true), {}, chosen)).toEqual(['transaction'])
    const off = ecomailSettings.parse({ apiKey: 'k', purposes, rows: { cart_updated: false } })
    expect(names(choosing(true, false), {}, off)).toEqual(['transaction'])
  })

  it('is left alone where no row sends baskets', () => {
    const rows = { cart_updated: false, checkout_started: false, checkout_updated: false }
    expect(names(created, {}, ecomailSettings.parse({ apiKey: 'k', rows }))).toEqual(['transaction'])
    const one = ecomailSettings.parse({ apiKey: 'k', rows: { ...rows, checkout_updated: true } })
    expect(names(created, {}, one)).toEqual(['transaction', 'clear-basket'])
  })

  it('has no state to remember without a cart', () => {
    expect(plan(orderEvent('order_created', { cartToken: null })).steps[1]).not.toHaveProperty('leaves')
  })
})

describe('carts and checkouts', () => {
  const cart = { token: 'c1', currency: 'EUR', total: '99.80', lines: [line()] }
  const state = { subject: 'cart:c1', version: '2026-11-20T12:00:00.000Z' }

  it('become the basket and leave its state', () => {
    const updated = storeEvent('cart_updated', { cart }, state)
    expect(plan(updated).steps).toMatchObject([{ name: 'basket', leaves: state }])
    expect(ecomail.stateOf(updated, settings)).toBe('cart:c1')
  })

  it('are skipped without an address, or when no product can be named', () => {
    expect(skip(storeEvent('cart_updated', { cart }, { ...state, ...nobody }))?.reason).toBe('no_email')
    const unknown = { ...cart, lines: [line({ product: product({ id: null, variantId: null }) })] }
    expect(skip(storeEvent('cart_updated', { cart: unknown }, state))?.reason).toBe('no_product_identifier')
  })
})

describe('views', () => {
  it('stand alone', () => {
    expect(ecomail.stateOf(viewed, settings)).toBeNull()
    expect(plan(viewed).steps[0]).not.toHaveProperty('leaves')
  })

  it('are skipped without an address or an identifier', () => {
    expect(skip({ ...viewed, ...nobody })?.reason).toBe('no_email')
    const unnamed = storeEvent('product_viewed', { url: null, product: product({ id: null }) })
    expect(skip(unnamed)).toMatchObject({ reason: 'no_product_identifier', detail: 'product_id' })
  })
})

describe('people whom Ecomail does not know', () => {
  const missing = { learned: ['contact_missing'] }
  const body = (event: StoreEvent) => plan(event, missing, withContacts).steps[0]?.request.body

  it('are skipped unless contacts are created', () => {
    expect(skip(viewed, missing)?.reason).toBe('contact_missing')
    expect(skip(created, missing)?.reason).toBe('contact_missing')
  })

  it('are added first when contacts are created, and only once', () => {
    expect(names(viewed, missing, withContacts)).toEqual(['create-contact', 'event'])
    expect(names(created, missing, withContacts)).toEqual(['create-contact', 'transaction', 'clear-basket'])
    expect(names(viewed, { ...missing, done: ['create-contact'] }, withContacts)).toEqual(['event'])
  })

  it('are subscribed only if they accept e-mail marketing', () => {
    const saying = (acceptsMarketing: boolean | null) => ({
      ...viewed,
      actor: { ...viewed.actor, acceptsMarketing },
    })
    expect(body(saying(true))).toMatchObject({ subscriber_data: { status: 1 } })
    expect(body(saying(false))).toMatchObject({ subscriber_data: { status: 2 } })
    expect(body(saying(null))).toMatchObject({ subscriber_data: { status: 2 } })
  })

  it('get no confirmation mail, and no existing contact is changed', () => {
    expect(body(viewed)).toMatchObject({
      skip_confirmation: true,
      update_existing: false,
      resubscribe: false,
      trigger_autoresponders: false,
    })
  })
})

describe('contacts', () => {
  const consent = (state: string) =>
    storeEvent(
      'marketing_consent_updated',
      { channel: 'email', state, optInLevel: null },
      { subject: 'customer:7' },
    )
  const customer = (acceptsMarketing: boolean | null) =>
    storeEvent('customer_created', { state: 'enabled' }, { actor: { ...viewed.actor, acceptsMarketing } })

  it('follow a change of consent', () => {
    expect(target(consent('subscribed'), {}, withContacts)).toBe('POST /lists/3/subscribe')
    expect(plan(consent('subscribed'), {}, withContacts).steps[0]?.request.body).toMatchObject({
      subscriber_data: { status: 1 },
      update_existing: true,
    })
    for (const state of ['unsubscribed', 'not_subscribed', 'redacted', 'unheard_of']) {
      expect(target(consent(state), {}, withContacts)).toBe('DELETE /lists/3/unsubscribe')
    }
    expect(skip(consent('pending'), {}, withContacts)?.reason).toBe('no_marketing_consent')
  })

  it('are added for new customers who accept marketing, and for nobody else', () => {
    expect(names(customer(true), {}, withContacts)).toEqual(['subscribe'])
    expect(skip(customer(false), {}, withContacts)?.reason).toBe('no_marketing_consent')
    expect(skip(customer(null), {}, withContacts)?.reason).toBe('marketing_unknown')
  })

  it('need a list', () => {
    expect(skip(consent('subscribed'))).toMatchObject({ reason: 'missing_field', detail: 'listId' })
  })

  it('remember the consent, but not a new customer, as a state', () => {
    expect(ecomail.stateOf(consent('subscribed'), settings)).toBe('customer:7')
    expect(ecomail.stateOf(customer(true), settings)).toBeNull()
  })
})

describe('events without a mapping', () => {
  it('are skipped, were they planned all the same', () => {
    const added = storeEvent('product_added_to_cart', { url: null, product: product(), quantity: 1 })
    expect(skip(added)?.reason).toBe('mapping_off')
    expect(ecomail.wants(added, settings)).toBe('no')
  })
})
