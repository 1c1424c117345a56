import { describe, expect, it } from 'vitest'
import { customer, translated } from '../testing.ts'

const ID = '9115310627314723954'

describe('customers/create', () => {
  it('is an event and a customer seen', () => {
    const { events, effects } = translated('customers/create', customer())
    expect(events).toMatchObject([
      {
        type: 'customer_created',
        dedupeKey: `customer_created:${ID}`,
        occurredAt: '2026-01-02T02:04:05.000Z',
        subject: `customer:${ID}`,
        version: '2026-11-20T11:59:58.000Z',
        actor: { customerId: ID, email: 'shopper@example.com', address: { city: 'Kosice' } },
        data: { state: 'enabled' },
      },
    ])
    expect(effects).toMatchObject([{ kind: 'customer_seen', customerId: ID, marketing: null }])
  })

  it('without an id is an event alone', () => {
    const nameless = customer({ id: null, admin_graphql_api_id: null })
    expect(translated('customers/create', nameless)).toMatchObject({
      events: [{ subject: null, dedupeKey: expect.stringMatching(/^customer_created:[0-9a-f]{64}$/) }],
      effects: [],
    })
  })
})

describe('customers/update', () => {
  it('is a customer seen and no event', () => {
    expect(translated('customers/update', customer({ email: '' }))).toEqual({
      events: [],
      effects: [
        {
          kind: 'customer_seen',
          customerId: ID,
          email: null,
          phone: '+421900000001',
          firstName: 'Ada',
          lastName: 'Buyer',
          marketing: null,
          updatedAt: '2026-11-20T11:59:58.000Z',
        },
      ],
      ignored: null,
    })
  })

  it('without an id is ignored', () => {
    expect(translated('customers/update', {}).ignored).toBe('The customer has no id.')
  })

  it('reads consent where old payloads have it', () => {
    const marketing = (over: Record<string, unknown>) =>
      translated('customers/update', customer(over)).effects
    expect(marketing({ accepts_marketing: false })).toMatchObject([{ marketing: false }])
    expect(marketing({ email_marketing_consent: { state: 'subscribed' } })).toMatchObject([
      { marketing: true },
    ])
  })
})

describe('customers_email_marketing_consent/update', () => {
  const consent = (over: Record<string, unknown>, ids: Record<string, unknown> = {}) =>
    translated('customers_email_marketing_consent/update', {
      customer_id: '706405506930370084',
      email_address: 'shopper@example.com',
      email_marketing_consent: {
        state: 'subscribed',
        opt_in_level: 'single_opt_in',
        consent_updated_at: '2026-11-20T12:30:00+01:00',
        ...over,
      },
      ...ids,
    })

  it('is an event and a customer seen', () => {
    const { events, effects } = consent({})
    expect(events).toMatchObject([
      {
        type: 'marketing_consent_updated',
        dedupeKey: 'marketing_consent_updated:706405506930370084:subscribed:2026-11-20T11:30:00.000Z',
        occurredAt: '2026-11-20T11:30:00.000Z',
        subject: 'customer:706405506930370084',
        actor: { email: 'shopper@example.com', acceptsMarketing: true },
        data: { channel: 'email', state: 'subscribed', optInLevel: 'single_opt_in' },
      },
    ])
    expect(effects).toMatchObject([
      { customerId: '706405506930370084', marketing: true, updatedAt: '2026-11-20T12:00:01.500Z' },
    ])
  })

  it('is keyed by its state where it has no time', () => {
    const [event] = consent({ state: 'unsubscribed', consent_updated_at: null }).events
    expect(event?.dedupeKey).toBe('marketing_consent_updated:706405506930370084:unsubscribed:undated')
  })

  it.each(['not_subscribed', 'pending', 'unsubscribed', 'redacted', 'invalid'])('%s is no consent', state => {
    const { events, effects } = consent({ state })
    expect(events).toMatchObject([{ actor: { acceptsMarketing: false }, data: { state } }])
    expect(effects).toMatchObject([{ marketing: false }])
  })

  it('without a state only tells who the customer is', () => {
    expect(consent({ state: null })).toMatchObject({
      events: [],
      effects: [{ marketing: null }],
      ignored: null,
    })
  })

  it('that names nothing is ignored', () => {
    expect(consent({ state: null }, { customer_id: null }).ignored).not.toBeNull()
  })
})

describe('customers/merge', () => {
  const merge = (over: object = {}) =>
    translated('customers/merge', {
      admin_graphql_api_customer_kept_id: 'gid://shopify/Customer/1',
      admin_graphql_api_customer_deleted_id: 'gid://shopify/Customer/9115310627314723954',
      admin_graphql_api_job_id: null,
      status: 'completed',
      errors: [],
      ...over,
    })

  it('says who stands for whom', () => {
    expect(merge()).toEqual({
      events: [],
      effects: [{ kind: 'customers_merged', keptId: '1', deletedId: ID }],
      ignored: null,
    })
    expect(merge({ status: 'COMPLETED' }).effects).toHaveLength(1)
  })

  it.each([
    [{ status: 'failed', errors: [{ customer_ids: [1], field: 'merge_in_progress', message: 'x' }] }],
    [{ status: 'in_progress' }],
    [{ status: null }],
    [{ admin_graphql_api_customer_kept_id: null }],
    [{ admin_graphql_api_customer_deleted_id: 'gid://shopify/Order/1' }],
  ])('of which nothing follows: %j', over => {
    expect(merge(over)).toMatchObject({ events: [], effects: [], ignored: expect.any(String) })
  })
})
