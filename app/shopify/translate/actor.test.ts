import { describe, expect, it } from 'vitest'
import { address, customer, order, redactedOrder, translated } from '../testing.ts'

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

  it.each([null, undefined, {}, 'x'])('may be absent: %j', none => {
    expect(translated('orders/create', order({ customer: none })).effects).toEqual([])
  })
})
