import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const KEY = `main:${Buffer.alloc(32, 1).toString('base64')}`
const GIVEN = {
  SHOPIFY_API_KEY: 'key',
  SHOPIFY_API_SECRET: 'shpss_secret',
  SHOPIFY_APP_URL: 'https://sluice.example.com',
  SCOPES: 'read_orders,read_products',
  SLUICE_SECRETS_KEYS: KEY,
}
const reading = (over: Record<string, string | undefined>) => () => readConfig({ ...GIVEN, ...over })
const said = (over: Record<string, string | undefined>): string => {
  try {
    reading(over)()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  throw new Error('this was accepted')
}

describe('readConfig', () => {
  it('fills in what is not set', () => {
    expect(readConfig(GIVEN)).toEqual({
      port: 3000,
      databaseUrl: null,
      dataDir: '.data',
      role: 'all',
      shopify: {
        apiKey: 'key',
        apiSecrets: ['shpss_secret'],
        appUrl: 'https://sluice.example.com',
        adminBaseUrl: null,
        appBridgeUrl: null,
        scopes: ['read_orders', 'read_products'],
      },
      sealingKeys: [{ id: 'main', bytes: Buffer.alloc(32, 1) }],
      vendorBaseUrls: {},
      retentionDays: 90,
      sendingAddress: hostname(),
      spoolFrom: 96,
      storefront: {
        limits: { shop: 60_000, address: 3_000, visitor: 240, refusals: 300 },
        trustedProxies: 0,
      },
      alerts: { ageMinutes: 60, email: null, webhook: null },
      support: { email: null, url: null },
      supportOidc: null,
      logLevel: 'info',
    })
  })

  it('takes the limits of storefronts, and how many proxies there are', () => {
    const { storefront } = readConfig({
      ...GIVEN,
      STOREFRONT_EVENTS_PER_SHOP: '1',
      STOREFRONT_EVENTS_PER_ADDRESS: '2',
      STOREFRONT_EVENTS_PER_VISITOR: '999999999',
      STOREFRONT_REFUSALS_PER_ADDRESS: '3',
      TRUSTED_PROXIES: '2',
    })
    expect(storefront).toEqual({
      limits: { shop: 1, address: 2, visitor: 999_999_999, refusals: 3 },
      trustedProxies: 2,
    })
  })

  it.each([
    ['STOREFRONT_EVENTS_PER_SHOP', '0'],
    ['STOREFRONT_EVENTS_PER_ADDRESS', 'many'],
    ['STOREFRONT_EVENTS_PER_VISITOR', '1.5'],
    ['STOREFRONT_REFUSALS_PER_ADDRESS', '-5'],
    ['TRUSTED_PROXIES', '-1'],
    ['TRUSTED_PROXIES', '10'],
  ])('says what %s must be when it is %s', (name, value) => {
    expect(said({ [name]: value })).toMatch(new RegExp(`^${name} must be a whole number`))
  })

  it('takes what is set', () => {
    expect(
      readConfig({
        ...GIVEN,
        PORT: '0',
        DATABASE_URL: 'postgres://u:p@db.example/sluice',
        DATA_DIR: '/srv/data',
        SLUICE_ROLE: 'worker',
        SHOPIFY_ADMIN_BASE_URL: 'http://127.0.0.1:3200',
        SENDING_ADDRESS: '203.0.113.7',
        LOG_LEVEL: 'trace',
      }),
    ).toMatchObject({
      port: 0,
      databaseUrl: 'postgres://u:p@db.example/sluice',
      dataDir: '/srv/data',
      role: 'worker',
      shopify: { adminBaseUrl: 'http://127.0.0.1:3200' },
      sendingAddress: '203.0.113.7',
      logLevel: 'trace',
    })
  })

  it('takes the empty string for not set', () => {
    const empty = { PORT: '', DATABASE_URL: '', SLUICE_ROLE: '', LOG_LEVEL: '', ECOMAIL_BASE_URL: '' }
    expect(readConfig({ ...GIVEN, ...empty, SHOPIFY_API_SECRET_PREVIOUS: '' })).toEqual(readConfig(GIVEN))
  })

  it('takes where alerts are told', () => {
    const { alerts } = readConfig({
      ...GIVEN,
      ALERT_AGE_MINUTES: '15',
      ALERT_EMAIL_TO: 'one@example.com, two@example.com',
      ALERT_EMAIL_FROM: 'sluice@example.com',
      SMTP_URL: 'smtps://u:p@mail.example.com',
      ALERT_WEBHOOK_URL: 'https://hooks.example.com/x',
      ALERT_WEBHOOK_SECRET: '0123456789abcdef',
    })
    expect(alerts).toEqual({
      ageMinutes: 15,
      email: {
        to: ['one@example.com', 'two@example.com'],
        from: 'sluice@example.com',
        smtpUrl: 'smtps://u:p@mail.example.com',
      },
      webhook: { url: 'https://hooks.example.com/x', secret: '0123456789abcdef' },
    })
  })

  it('pays no heed to the rest of the environment', () => {
    expect(readConfig({ ...GIVEN, PATH: '/bin', HOME: undefined })).toEqual(readConfig(GIVEN))
  })

  it('accepts the previous secret beside the current one, which stays first', () => {
    const { shopify } = readConfig({ ...GIVEN, SHOPIFY_API_SECRET_PREVIOUS: 'shpss_before' })
    expect(shopify.apiSecrets).toEqual(['shpss_secret', 'shpss_before'])
  })

  it('accepts several sealing keys, the first of which seals', () => {
    const keys = `${KEY},old:${Buffer.alloc(32, 2).toString('base64')}`
    expect(readConfig({ ...GIVEN, SLUICE_SECRETS_KEYS: keys }).sealingKeys.map(key => key.id)).toEqual([
      'main',
      'old',
    ])
  })

  it('names the vendors that are somewhere else', () => {
    const { vendorBaseUrls } = readConfig({
      ...GIVEN,
      ECOMAIL_BASE_URL: 'http://127.0.0.1:3101',
      TOPMAIL_BASE_URL: 'http://127.0.0.1:3102',
      ALANA_BASE_URL: 'http://127.0.0.1:3103',
      VOUCHERIFY_BASE_URL: 'https://vouchers.example.com',
    })
    expect(vendorBaseUrls).toEqual({
      ecomail: 'http://127.0.0.1:3101',
      topmail: 'http://127.0.0.1:3102',
      alana: 'http://127.0.0.1:3103',
      voucherify: 'https://vouchers.example.com',
    })
  })

  it('takes blanks out of the scopes and the slash off the address', () => {
    const { shopify } = readConfig({
      ...GIVEN,
      SCOPES: ' read_orders , ,x',
      SHOPIFY_APP_URL: 'https://a.example/',
    })
    expect(shopify).toMatchObject({ scopes: ['read_orders', 'x'], appUrl: 'https://a.example' })
  })
})

describe('a setting that cannot be used', () => {
  it.each([
    ['SHOPIFY_API_KEY', undefined, /client id/],
    ['SHOPIFY_API_SECRET', undefined, /client secret/],
    ['SHOPIFY_APP_URL', undefined, /public address/],
    ['SHOPIFY_APP_URL', 'sluice.example.com', /https:\/\/host/],
    ['SCOPES', undefined, /shopify\.app\.toml/],
    ['SCOPES', ' , ', /shopify\.app\.toml/],
    ['SLUICE_SECRETS_KEYS', undefined, /openssl rand/],
    ['SLUICE_SECRETS_KEYS', 'main:short', /openssl rand/],
    ['SLUICE_SECRETS_KEYS', `${KEY},${KEY}`, /two keys/],
    ['PORT', 'http', /3000/],
    ['PORT', '65536', /65535/],
    ['PORT', '-1', /3000/],
    ['PORT', '3000.5', /3000/],
    ['DATABASE_URL', 'mysql://u:p@db.example/x', /postgresql:\/\//],
    ['SLUICE_ROLE', 'both', /all, web or worker/],
    ['LOG_LEVEL', 'loud', /debug/],
    ['SENDING_ADDRESS', 'two words', /outgoing address/],
    ['SHOPIFY_ADMIN_BASE_URL', 'admin.example', /SHOPIFY_ADMIN_BASE_URL must be an address/],
    ['ECOMAIL_BASE_URL', 'ecomail.example', /https:\/\/host/],
    ['TOPMAIL_BASE_URL', 'ftp://topmail.example', /https:\/\/host/],
    ['ALANA_BASE_URL', 'http://', /https:\/\/host/],
    ['VOUCHERIFY_BASE_URL', 'javascript:alert(1)', /https:\/\/host/],
    ['ALERT_AGE_MINUTES', '0', /1 to 4320/],
    ['ALERT_AGE_MINUTES', '4321', /1 to 4320/],
    ['ALERT_AGE_MINUTES', '1.5', /1 to 4320/],
    ['ALERT_EMAIL_TO', 'nobody', /commas/],
    ['ALERT_EMAIL_TO', 'a@example.com,', /commas/],
    ['ALERT_EMAIL_TO', 'a@example.com\r\nBcc: b@example.com', /commas/],
    ['ALERT_EMAIL_FROM', 'a@example.com,b@example.com', /one plain/],
    ['ALERT_EMAIL_FROM', 'a@example.com\nSubject: x', /one plain/],
    ['ALERT_EMAIL_FROM', 'a@example.com', /ALERT_EMAIL_TO is not set/],
    ['ALERT_EMAIL_TO', 'a@example.com', /ALERT_EMAIL_FROM is not set/],
    ['SMTP_URL', 'http://mail.example.com', /smtps:\/\//],
    ['SMTP_URL', 'smtp://mail.example.com', /ALERT_EMAIL_TO is not set/],
    ['ALERT_WEBHOOK_URL', 'hooks.example.com', /https:\/\/hooks/],
    ['ALERT_WEBHOOK_SECRET', 'short', /openssl rand/],
    ['ALERT_WEBHOOK_SECRET', '0123456789abcdef', /ALERT_WEBHOOK_URL is not set/],
  ])('is named in one sentence with the remedy: %s=%s', (name, value, remedy) => {
    const message = said({ [name]: value })
    expect(message).toContain(name)
    expect(message).toMatch(remedy)
    expect(message).toMatch(/^[A-Z][^\n]*\.$/)
  })

  it('that is empty is named like one that is missing', () => {
    expect(said({ SHOPIFY_API_KEY: '' })).toBe(said({ SHOPIFY_API_KEY: undefined }))
  })

  it.each([
    ['SLUICE_SECRETS_KEYS', 'hunter2-no-id'],
    ['SLUICE_SECRETS_KEYS', 'main:hunter2'],
    ['DATABASE_URL', 'mysql://u:hunter2@db.example/x'],
    ['ECOMAIL_BASE_URL', 'ftp://u:hunter2@db.example/x'],
    ['SMTP_URL', 'imap://u:hunter2@mail.example.com'],
    ['ALERT_WEBHOOK_SECRET', 'hunter2'],
  ])('never repeats what was given for %s', (name, value) => {
    expect(said({ [name]: value })).not.toContain('hunter2')
  })

  it('is named first where several are wrong', () => {
    expect(said({ PORT: 'x', SLUICE_ROLE: 'y' })).toContain('PORT')
  })
})
