import { describe, expect, it } from 'vitest'
import { checkout, customer, lineItem, translated } from '../testing.ts'

const eventOf = (topic: string, over: Record<string, unknown> = {}) =>
  translated(topic, checkout(over)).events[0]

describe('checkouts', () => {
  it('start at their creation', () => {
    expect(eventOf('checkouts/create')).toMatchObject({
      type: 'checkout_started',
      dedupeKey: 'checkout_started:c0ffee',
      occurredAt: '2026-11-20T11:50:00.000Z',
      subject: 'cart:hWN1cart',
      version: '2026-11-20T11:55:00.000Z',
    })
  })

  it('are updated at their update', () => {
    expect(eventOf('checkouts/update')).toMatchObject({
      type: 'checkout_updated',
      dedupeKey: expect.stringMatching(/^checkout_updated:c0ffee:2026-11-20T11:55:00.000Z:[0-9a-f]{16}$/),
      occurredAt: '2026-11-20T11:55:00.000Z',
    })
  })

  it('without a cart stand for themselves', () => {
    expect(eventOf('checkouts/update', { cart_token: null })?.subject).toBe('checkout:c0ffee')
    expect(eventOf('checkouts/update', { cart_token: null, token: null })).toMatchObject({
      subject: null,
      dedupeKey: expect.stringMatching(/^checkout_updated:[0-9a-f]{64}$/),
    })
  })

  it('carry lines and totals', () => {
    expect(eventOf('checkouts/create')?.data).toMatchObject({
      checkout: {
        token: 'c0ffee',
        cartToken: 'hWN1cart',
        currency: 'EUR',
        total: '96.00',
        tax: '16.00',
        shipping: '6.00',
        discount: '10.00',
        discountCodes: ['TENOFF'],
        lines: [{ id: 'k1', quantity: 2, unitPrice: '50.00', total: '90.00', tax: '15.00' }],
      },
    })
  })

  it('do not hold what was taken out of them', () => {
    expect(
      eventOf('checkouts/update', { line_items: [lineItem({ quantity: 0, current_quantity: 0 })] })?.data,
    ).toMatchObject({ checkout: { lines: [] } })
  })

  it('have no shipping before a rate is chosen', () => {
    expect(eventOf('checkouts/create', { shipping_lines: [] })?.data).toMatchObject({
      checkout: { shipping: null },
    })
  })

  it('know the buyer and the visitor', () => {
    expect(eventOf('checkouts/create')?.actor).toMatchObject({
      visitorId: '3f0c-visitor',
      customerId: '9115310627314723954',
      email: 'shopper@example.com',
      address: { city: 'Kosice' },
      acceptsMarketing: false,
    })
  })

  it('do not unsubscribe a customer by a box that is not ticked', () => {
    expect(translated('checkouts/create', checkout()).effects).toMatchObject([{ marketing: null }])
    const old = checkout({ customer: customer({ accepts_marketing: true }) })
    expect(translated('checkouts/create', old).effects).toMatchObject([{ marketing: true }])
  })

  it('do not lend a customer’s subscription to another address', () => {
    const word = (over: object) => {
      const payload = checkout({ buyer_accepts_marketing: null, ...over })
      return translated('checkouts/create', payload).events[0]?.actor.acceptsMarketing
    }
    const own = customer({ accepts_marketing: true })
    expect(word({ customer: own })).toBe(true)
    expect(word({ email: 'other@example.com', customer: own })).toBeNull()
    const refused = customer({ accepts_marketing: false })
    expect(word({ email: 'other@example.com', customer: refused })).toBe(false)
  })

  it('no longer count once completed', () => {
    const done = checkout({ completed_at: '2026-11-20T13:00:00+01:00' })
    expect(translated('checkouts/update', done)).toMatchObject({
      events: [],
      effects: [
        {
          kind: 'checkout_completed',
          token: 'c0ffee',
          cartToken: 'hWN1cart',
          at: '2026-11-20T12:00:00.000Z',
        },
        { kind: 'customer_seen' },
      ],
      ignored: null,
    })
    const nameless = { ...done, customer: null, token: null, cart_token: null }
    expect(translated('checkouts/update', nameless).ignored).toContain('completed')
  })

  it('are ignored when deleted', () => {
    expect(translated('checkouts/delete', { id: '981820079255243537' })).toEqual({
      events: [],
      effects: [],
      ignored: 'Deleted checkouts have no follow-up.',
    })
  })
})
