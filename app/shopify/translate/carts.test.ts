import { describe, expect, it } from 'vitest'
import { cart, money, translated } from '../testing.ts'

const eventOf = (over: Record<string, unknown> = {}) => translated('carts/update', cart(over)).events[0]

describe('carts', () => {
  it.each(['carts/create', 'carts/update'])('of %s are a state of the cart', topic => {
    expect(translated(topic, cart()).events).toMatchObject([
      {
        type: 'cart_updated',
        dedupeKey: expect.stringMatching(/^cart_updated:hWN1cart:2026-11-20T11:45:00.000Z:[0-9a-f]{16}$/),
        occurredAt: '2026-11-20T11:45:00.000Z',
        subject: 'cart:hWN1cart',
        version: '2026-11-20T11:45:00.000Z',
      },
    ])
  })

  it('carry lines after discounts, in the shop currency', () => {
    expect(eventOf()?.data).toMatchObject({
      cart: {
        token: 'hWN1cart',
        currency: 'EUR',
        total: '140.00',
        lines: [{ id: '43012345678901', quantity: 3, unitPrice: '50.00', total: '140.00', tax: '0' }],
      },
    })
  })

  it('add up over lines without a price for the whole line', () => {
    const line = { quantity: 3, price_set: money('0.10') }
    expect(eventOf({ line_items: [line, line] })?.data).toMatchObject({ cart: { total: '0.60' } })
  })

  it('may be empty', () => {
    expect(eventOf({ line_items: [] })?.data).toEqual({
      cart: { token: 'hWN1cart', currency: null, total: '0', lines: [] },
    })
  })

  it('know the visitor by their attributes, as an object or as a list', () => {
    expect(eventOf()?.actor).toMatchObject({ visitorId: '3f0c-visitor', attributes: { gift: 'yes' } })
    const listed = eventOf({
      attributes: undefined,
      note_attributes: [{ name: 'sluice_visitor', value: 'v2' }],
    })
    expect(listed?.actor).toMatchObject({ visitorId: 'v2', attributes: {}, email: null })
  })

  it('without a token are keyed by what they hold', () => {
    expect(eventOf({ id: null, token: null })).toMatchObject({
      subject: null,
      dedupeKey: expect.stringMatching(/^cart_updated:[0-9a-f]{64}$/),
    })
  })
})
