import { describe, expect, it } from 'vitest'
import { fieldsOf } from '../settings.ts'
import { voucherify } from './index.ts'
import { DEFAULT_METADATA } from './metadata-keys.ts'
import { voucherifySettings } from './settings.ts'
import { serverSettings } from './testing.ts'

const server = { appId: 'app-1', appToken: 'token-1' }
const refusals = (input: Record<string, unknown>): string[] =>
  voucherifySettings
    .safeParse(input)
    .error?.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`) ?? []

describe('keys', () => {
  it('names every key that server mode needs', () => {
    expect(refusals({})).toEqual([
      'appId: appId is needed when the keys are server keys',
      'appToken: appToken is needed when the keys are server keys',
    ])
  })
  it('names every key that client mode needs', () => {
    expect(refusals({ ...server, mode: 'client' }).map(message => message.split(':')[0])).toEqual([
      'applicationId',
      'clientToken',
      'origin',
    ])
  })
  it('takes empty fields of the other mode', () => {
    expect(refusals({ ...server, applicationId: '', clientToken: ' ', origin: '', baseUrl: '' })).toEqual([])
  })
  it('refuses a key with a blank inside', () =>
    expect(refusals({ ...server, appToken: 'a b' })).toHaveLength(1))
  it('marks the tokens as secret, and only them', () => {
    expect(
      fieldsOf(voucherify)
        .filter(field => field.secret)
        .map(field => field.name),
    ).toEqual(['appToken', 'clientToken'])
  })
})

describe('addresses', () => {
  it.each(['https://api.voucherify.io', 'https://us1.api.voucherify.io/', ' https://shop-1.voucherify.io '])(
    'takes %s',
    baseUrl => {
      expect(refusals({ ...server, baseUrl })).toEqual([])
    },
  )
  it.each([
    'api.voucherify.io',
    'http://api.voucherify.io',
    'https://localhost',
    'https://127.0.0.1',
    'https://[::1]',
    'https://2130706433',
    'https://metadata.internal',
    'https://printer.local',
    'https://api.voucherify.io:8443',
    'https://user@api.voucherify.io',
    'https://api.voucherify.io/v1',
    'https://api.voucherify.io/?a=1',
    'https://api.voucherify.io/#a',
  ])('refuses %s', baseUrl => expect(refusals({ ...server, baseUrl })).toHaveLength(1))
  it('needs an address for a custom region', () => {
    expect(refusals({ ...server, region: 'custom' })).toEqual([
      'baseUrl: baseUrl is needed when the region is custom',
    ])
    expect(refusals({ ...server, region: 'custom', baseUrl: 'https://a.voucherify.io' })).toEqual([])
  })
  it.each(['shop.example.com', 'https://shop.example.com', 'http://localhost:3000'])(
    'takes the origin %s',
    origin => {
      expect(refusals({ ...server, origin })).toEqual([])
    },
  )
  it.each(['https://shop.example.com/', 'a b', 'shop.example.com\r\nx: y', '*'])(
    'refuses the origin %j',
    origin => {
      expect(refusals({ ...server, origin })).toHaveLength(1)
    },
  )
})

describe('lists and names', () => {
  it('takes metadata as a text or a list, and has a default', () => {
    expect(serverSettings({ metadata: 'total, currency,' }).metadata).toEqual(['total', 'currency'])
    expect(serverSettings({ metadata: ['total'] }).metadata).toEqual(['total'])
    expect(serverSettings({ metadata: '' }).metadata).toEqual([])
    expect(serverSettings().metadata).toEqual(DEFAULT_METADATA)
  })
  it('takes metadata of an event as a text or a list, which may be empty, and has none by itself', () => {
    const given = { order_paid: 'total, tax', search_submitted: [] }
    expect(serverSettings({ eventMetadata: given }).eventMetadata).toEqual({
      ...{ order_paid: ['total', 'tax'], search_submitted: [] },
    })
    expect(serverSettings().eventMetadata).toEqual({})
  })
  it.each([{ order_paid: ['query'] }, { order_updated: [] }, { order_paid: 5 }, 'total'])(
    'refuses metadata that the event cannot know: %j',
    eventMetadata => {
      expect(refusals({ ...server, eventMetadata })).toHaveLength(1)
    },
  )
  it.each(['x', 'x'.repeat(300)])('takes event names of 1 to 300 characters', name => {
    expect(refusals({ ...server, eventNames: { order_created: name } })).toEqual([])
  })
  it.each(['', ' ', 'x'.repeat(301)])('refuses other event names', name => {
    expect(refusals({ ...server, eventNames: { order_created: name } })).toHaveLength(1)
  })
  it('refuses names for events that do not go to Voucherify', () => {
    expect(refusals({ ...server, eventNames: { order_updated: 'x' } })).toHaveLength(1)
  })
  it.each(['plan', 'points:number', 'a:date', 'a:text', 'a:boolean'])('takes the attribute %s', source => {
    expect(refusals({ ...server, attributes: { key: source } })).toEqual([])
  })
  it.each(['a:money', 'a:', ''])('refuses the attribute %j', source => {
    expect(refusals({ ...server, attributes: { key: source } })).toHaveLength(1)
  })
})
