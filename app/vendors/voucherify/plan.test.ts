import { describe, expect, it } from 'vitest'
import type { StoreEvent } from '../../events/store-event.ts'
import { orderEvent, planned, SHOP, storeEvent } from '../testing.ts'
import type { Planned } from '../vendor.ts'
import { voucherify } from './index.ts'
import { planVoucherify, subscriptionOf } from './plan.ts'
import { clientSettings, serverSettings } from './testing.ts'

const consent = (state: string, id = '01930000-0000-7000-8000-000000000001'): StoreEvent => ({
  ...storeEvent('marketing_consent_updated', { channel: 'email', state, optInLevel: null }),
  id,
})
const plan = (...deliveries: Planned[]) => planVoucherify(deliveries, serverSettings(), SHOP)

describe('addresses and headers', () => {
  const request = (settings = serverSettings()) =>
    planVoucherify([planned(orderEvent('order_paid'))], settings, SHOP).steps[0]?.request
  it.each([
    ['eu', 'https://api.voucherify.io/v1/events'],
    ['us1', 'https://us1.api.voucherify.io/v1/events'],
    ['as1', 'https://as1.api.voucherify.io/v1/events'],
  ])('sends to the region %s', (region, url) => expect(request(serverSettings({ region }))?.url).toBe(url))
  it('sends to a dedicated address', () => {
    const settings = serverSettings({ region: 'custom', baseUrl: 'https://mine.voucherify.io/' })
    expect(request(settings)?.url).toBe('https://mine.voucherify.io/v1/events')
  })
  it('signs in with application keys', () => {
    expect(request()?.headers).toEqual({
      'Content-Type': 'application/json',
      'X-App-Id': 'app-1',
      'X-App-Token': 'token-1',
    })
  })
  it('signs in with client keys, without Authorization', () => {
    expect(request(clientSettings())).toMatchObject({ url: 'https://api.voucherify.io/client/v1/events' })
    expect(request(clientSettings())?.headers).toEqual({
      'Content-Type': 'application/json',
      'X-Client-Application-Id': 'client-1',
      'X-Client-Token': 'token-2',
      origin: 'shop.example.com',
    })
  })
})

describe('subscriptions', () => {
  const memory = { version: '2026-11-01T00:00:00.000Z', eventId: 'a' }
  it('are a state of the customer, other events are not', () => {
    expect(subscriptionOf(consent('subscribed'))).toBe('subscription:7012345678901')
    expect(subscriptionOf(consent('unsubscribed'))).toBeNull()
    expect(subscriptionOf(orderEvent('order_paid'))).toBeNull()
  })
  it('leave their state behind', () => {
    const [step] = plan(planned(consent('subscribed'))).steps
    expect(step?.leaves).toEqual({
      subject: 'subscription:7012345678901',
      version: '2026-11-20T12:00:00.000Z',
    })
  })
  it('are sent once per customer', () => {
    const again = plan(planned(consent('subscribed'), { memory }))
    expect(again).toEqual({
      steps: [],
      skips: [{ delivery: '01930000-0000-7000-8000-000000000001', reason: 'unchanged' }],
    })
  })
  it('are sent again when a person asks for it', () => {
    const { steps, skips } = plan(planned(consent('subscribed', 'a'), { memory, replayed: true }))
    expect([steps.length, skips]).toEqual([1, []])
  })
  it('were sent twice when a person asked for another event that tells of the same', () => {
    const { actor } = consent('subscribed')
    const created: StoreEvent = { ...storeEvent('customer_created', { state: null }), id: 'b', actor }
    const { steps, skips } = plan(
      planned({ ...created, actor: { ...actor, acceptsMarketing: true } }, { memory, replayed: true }),
    )
    expect([steps, skips]).toEqual([[], [{ delivery: 'b', reason: 'unchanged' }]])
  })
  it('are sent once even when two wait together', () => {
    const { steps, skips } = plan(planned(consent('subscribed', 'a')), planned(consent('subscribed', 'b')))
    expect([steps.map(step => step.deliveries), skips]).toEqual([
      [['a']],
      [{ delivery: 'b', reason: 'unchanged' }],
    ])
  })
})

describe('other plans', () => {
  it('remember nothing of events that stand alone', () => {
    expect(plan(planned(orderEvent('order_paid'))).steps[0]).not.toHaveProperty('leaves')
  })
  it('plan nothing that is done', () => {
    expect(plan(planned(orderEvent('order_paid'), { done: ['event'] }))).toEqual({ steps: [], skips: [] })
  })
})

describe('what shoppers typed', () => {
  const attributes = {
    engraving: ` Happy birthday, Sam ${'x'.repeat(600)}`,
    born: '0199',
    size: 'XL',
    ref: ' REF-NOTED ',
    unused: 'not sent',
  }
  const event = orderEvent('order_created')
  const typed = { ...event, actor: { ...event.actor, attributes } }
  const settings = serverSettings({
    attributes: { text: 'engraving', year: 'born:number', size: 'size' },
    referralAttribute: 'ref',
  })

  it('is named, as it stands in the request, so that it is not stored in clear', () => {
    const [step] = planVoucherify([planned(typed)], settings, SHOP).steps
    expect(step?.request.body).toMatchObject({
      referral: { code: 'REF-NOTED' },
      metadata: { text: expect.stringMatching(/^Happy birthday, Sam x+$/), year: 199, size: 'XL' },
    })
    const sent = JSON.stringify(step?.request.body)
    expect(step?.personal).toHaveLength(3)
    for (const value of step?.personal ?? []) expect(sent).toContain(value)
  })

  it('is not named where nothing of it is sent', () => {
    expect(planVoucherify([planned(event)], settings, SHOP).steps[0]).not.toHaveProperty('personal')
  })
})

describe('the declaration', () => {
  it('leaves the browsing rows off until they are switched on', () => {
    const search = storeEvent('search_submitted', { url: null, query: 'x' })
    expect(voucherify.wants(search, serverSettings())).toBe('no')
    expect(voucherify.wants(search, serverSettings({ rows: { search_submitted: true } }))).toBe('yes')
  })
  it('wants news of consent that is no subscription too: that it is not sent was said to be for no tool using it', () => {
    const created = storeEvent('customer_created', { state: null })
    for (const event of [consent('subscribed'), consent('unsubscribed'), created])
      expect(voucherify.wants(event, serverSettings())).toBe('yes')
    expect(
      voucherify.wants(consent('subscribed'), serverSettings({ rows: { marketing_consent_updated: false } })),
    ).toBe('off')
  })
  it.each([
    ['sandbox', 100, 3600],
    ['business', 100, 60],
    ['organization', 2000, 60],
    ['enterprise', 2000, 60],
  ])('keeps the limit of the plan %s', (accountPlan, requests, windowSeconds) => {
    const limit = { scope: 'key', requests, windowSeconds }
    expect(voucherify.limits(serverSettings({ accountPlan }))).toEqual({
      limits: [limit],
      batch: 1,
      concurrency: 1,
    })
  })
  it('shares the client limit among all shops', () => {
    expect(voucherify.limits(clientSettings()).limits).toEqual([
      { scope: 'address', requests: 5, windowSeconds: 5 },
    ])
  })
  it('tests by reading', () => {
    expect(voucherify.test(serverSettings(), SHOP).request).toEqual({
      method: 'GET',
      url: 'https://api.voucherify.io/v1/customers?limit=1',
      headers: { 'X-App-Id': 'app-1', 'X-App-Token': 'token-1' },
    })
    const { url } = voucherify.test(clientSettings({ region: 'as1' }), SHOP).request
    expect(url).toBe('https://as1.api.voucherify.io/client/v1/promotions/tiers?limit=1')
  })
})

describe('forgetting', () => {
  const person = { customerId: '7012345678901', email: 'shopper@example.com', visitorIds: [] }
  it('deletes the customer for good with application keys', () => {
    expect(voucherify.forget(person, serverSettings())).toEqual({
      requests: [
        {
          method: 'POST',
          url: 'https://api.voucherify.io/v1/customers/7012345678901/permanent-deletion',
          headers: { 'X-App-Id': 'app-1', 'X-App-Token': 'token-1' },
        },
      ],
    })
  })
  it('cannot with client keys, and says so', () => {
    expect(voucherify.forget(person, clientSettings())).toHaveProperty('cannot')
  })
  it.each([null, '', '../events'])('has nothing to do for %j', customerId => {
    expect(voucherify.forget({ ...person, customerId }, serverSettings())).toEqual({ requests: [] })
  })
})
