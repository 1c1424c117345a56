import { describe, expect, it } from 'vitest'
import { address, cart, checkout, customer, order, redactedOrder, translated } from '../testing.ts'

describe('the actor of an order', () => {
  const actorOf = (payload: unknown) => translated('orders/create', payload).events[0]?.actor

  it('is the customer, at the shipping address', () => {
    expect(actorOf(order())).toEqual({
      visitorId: '3f0c-visitor',
      customerId: '9115310627314723954',
      email: 'shopper@example.com',
      phone: '+421900000001',
      firstName: 'Ada',
      lastName: 'Buyer',
      address: {
        city: 'Kosice',
        province: 'Kosice Region',
        country: 'Slovakia',
        countryCode: 'SK',
        postalCode: '040 01',
      },
      attributes: { engraving: 'Happy birthday' },
      consent: { analytics: null, marketing: null },
      acceptsMarketing: true,
    })
  })

  it.each([
    [{ email: '', contact_email: 'contact@example.com' }, 'contact@example.com'],
    [{ email: '', contact_email: '' }, 'shopper@example.com'],
    [{ email: '', contact_email: null, customer: null }, null],
  ])('takes the e-mail from %j as %j', (over, email) => expect(actorOf(order(over))?.email).toBe(email))

  it('is who pays, where a guest ships to someone else', () => {
    const gift = order({
      customer: null,
      billing_address: address({ first_name: 'Payer', phone: '+1' }),
      shipping_address: address({ first_name: 'Recipient', phone: '+2' }),
    })
    expect(actorOf(gift)).toMatchObject({ customerId: null, firstName: 'Payer', phone: '+1' })
  })

  it('is billed where nothing is shipped', () => {
    expect(actorOf(order({ shipping_address: null }))?.address).toMatchObject({ city: 'Zilina' })
  })

  it('may be redacted to nothing but an id', () => {
    expect(actorOf(redactedOrder())).toMatchObject({
      customerId: '7012345678901',
      email: null,
      phone: null,
      firstName: null,
      address: null,
    })
  })

  it('leaves consent open where the order does not say', () => {
    expect(actorOf(order({ buyer_accepts_marketing: undefined }))?.acceptsMarketing).toBeNull()
  })
})

describe('the customer in an order', () => {
  it('is seen, with the marketing choice made when ordering', () => {
    expect(translated('orders/create', order()).effects).toEqual([
      {
        kind: 'customer_seen',
        customerId: '9115310627314723954',
        email: 'shopper@example.com',
        phone: '+421900000001',
        firstName: 'Ada',
        lastName: 'Buyer',
        marketing: true,
        updatedAt: '2026-11-20T11:59:58.000Z',
      },
    ])
  })

  it('is not unsubscribed by a box left unticked in an order', () => {
    const [event] = translated('orders/create', order({ buyer_accepts_marketing: false })).events
    expect(event?.actor.acceptsMarketing).toBe(false)
    const { effects } = translated('orders/create', order({ buyer_accepts_marketing: false }))
    expect(effects).toMatchObject([{ kind: 'customer_seen', marketing: null }])
  })

  it('is not said again to accept marketing by later states of the order', () => {
    expect(translated('orders/updated', order()).effects).toMatchObject([{ marketing: null }])
  })

  it('speaks for itself in old payloads', () => {
    const old = order({
      buyer_accepts_marketing: null,
      customer: customer({ email_marketing_consent: { state: 'unsubscribed' } }),
    })
    expect(translated('orders/create', old).effects).toMatchObject([{ marketing: false }])
  })

  const own = 'own@example.com'
  const other = { email: 'other@example.com', contact_email: null }
  const word = (over: object, record: object = {}) => {
    const payload = order({ ...over, customer: customer({ email: own, ...record }) })
    const { events, effects } = translated('orders/create', payload)
    return [events[0]?.actor.acceptsMarketing, effects]
  }
  const subscribed = { email_marketing_consent: { state: 'subscribed' } }
  const refused = { email_marketing_consent: { state: 'not_subscribed' } }

  it('does not subscribe their own address by a box ticked for another', () => {
    expect(word(other)).toMatchObject([true, [{ email: own, marketing: null }]])
    expect(word(other, refused)).toMatchObject([true, [{ email: own, marketing: false }]])
    expect(word(other, subscribed)).toMatchObject([true, [{ email: own, marketing: true }]])
    expect(word({ email: ' Own@Example.com' })).toMatchObject([true, [{ email: own, marketing: true }]])
    expect(word({ email: '', contact_email: null })).toMatchObject([true, [{ marketing: true }]])
    expect(word(other, { email: null })).toMatchObject([true, [{ email: other.email, marketing: true }]])
  })

  it('does not lend their own subscription to an order for another address, but their refusal', () => {
    const boxless = { buyer_accepts_marketing: null }
    expect(word({ ...other, ...boxless }, subscribed)).toMatchObject([null, [{ marketing: true }]])
    expect(word({ ...other, ...boxless }, refused)).toMatchObject([false, [{ marketing: false }]])
    expect(word({ email: 'OWN@example.com', ...boxless }, subscribed)[0]).toBe(true)
    expect(word({ email: '', contact_email: null, ...boxless }, subscribed)[0]).toBe(true)
  })

  it('does not subscribe the address that stands in where their record has none', () => {
    const unticked = { ...other, buyer_accepts_marketing: false }
    expect(word(unticked, { ...subscribed, email: null })).toMatchObject([
      false,
      [{ email: other.email, marketing: null }],
    ])
  })

  it('lent the subscription of a record without an address to the order’s, for which nobody said yes', () => {
    const boxless = { buyer_accepts_marketing: null }
    const unnamed = { ...subscribed, email: null }
    expect(word({ ...other, ...boxless }, unnamed)).toMatchObject([null, [{ marketing: null }]])
    expect(word({ ...other, ...boxless }, { ...refused, email: null })[0]).toBe(false)
    expect(word({ email: '', contact_email: null, ...boxless }, unnamed)[0]).toBe(true)
  })

  it.each([null, undefined, {}, 'x'])('may be absent: %j', none => {
    expect(translated('orders/create', order({ customer: none })).effects).toEqual([])
  })
})

describe('what the visitor allowed', () => {
  const refused = { name: 'sluice_consent', value: 'analytics=1,marketing=0' }
  const known = { consent: { analytics: true, marketing: false } }
  const ofCart = (value: unknown) =>
    translated('carts/update', cart({ attributes: { sluice_consent: value } })).events[0]?.actor

  it('travels with the cart into its checkout and its order, and is no note attribute', () => {
    const { actor: carted } = translated(
      'carts/update',
      cart({ attributes: { sluice_consent: refused.value } }),
    ).events[0] ?? { actor: null }
    expect(carted).toMatchObject({ ...known, attributes: {} })
    for (const [topic, payload] of [
      ['checkouts/create', checkout({ note_attributes: [refused] })],
      ['checkouts/update', checkout({ note_attributes: [refused] })],
      ['orders/create', order({ note_attributes: [refused] })],
    ] as const) {
      expect(translated(topic, payload).events[0]?.actor).toMatchObject({ ...known, attributes: {} })
    }
  })

  it.each([
    ['analytics=1,marketing=1', { analytics: true, marketing: true }],
    [' Marketing = no ; analytics=TRUE', { analytics: true, marketing: false }],
    ['marketing=1,marketing=0', { analytics: null, marketing: false }],
    ['analytics=perhaps,sale=1,marketing', { analytics: null, marketing: null }],
    ['', { analytics: null, marketing: null }],
    [7, { analytics: null, marketing: null }],
  ])('is read from %j, as far as it is clear', (value, consent) => {
    expect(ofCart(value)?.consent).toEqual(consent)
  })

  it('is a state of its own: a refusal in the second in which the cart changed is not lost', () => {
    const cartKey = (value: string) =>
      translated('carts/update', cart({ attributes: { sluice_consent: value } })).events[0]?.dedupeKey
    expect(cartKey('marketing=1')).not.toBe(cartKey('marketing=0'))
    const checkoutKey = (value: string) =>
      translated('checkouts/update', checkout({ note_attributes: [{ name: 'sluice_consent', value }] }))
        .events[0]?.dedupeKey
    expect(checkoutKey('marketing=1')).not.toBe(checkoutKey('marketing=0'))
  })
})

describe('the visitor’s id', () => {
  it.each([
    ['3f0c-visitor', '3f0c-visitor'],
    ['a b', null],
    ['v:1', null],
    ['x'.repeat(201), null],
  ])('is read from what shoppers can type into: %s', (value, visitorId) => {
    const { events } = translated('carts/update', cart({ attributes: { sluice_visitor: value } }))
    expect(events[0]?.actor.visitorId).toBe(visitorId)
  })
})
