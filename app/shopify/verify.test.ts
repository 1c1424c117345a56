import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shopDomain, verifyProxy, verifyWebhook } from './verify.ts'

const body = new TextEncoder().encode('{"id":820982911946154508}')
const signed = (secret: string, bytes = body) => createHmac('sha256', secret).update(bytes).digest('base64')

describe('verifyWebhook', () => {
  it('accepts the current and the previous secret', () => {
    expect(verifyWebhook(body, signed('new'), ['new', 'old'])).toBe(true)
    expect(verifyWebhook(body, signed('old'), ['new', 'old'])).toBe(true)
  })

  it('refuses another secret, no secret and an empty secret', () => {
    expect(verifyWebhook(body, signed('other'), ['new', 'old'])).toBe(false)
    expect(verifyWebhook(body, signed('new'), [])).toBe(false)
    expect(verifyWebhook(body, signed(''), [''])).toBe(false)
  })

  it('refuses a body that differs in one byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, at) => {
        const changed = Uint8Array.from(bytes)
        changed[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 1
        return (
          verifyWebhook(bytes, signed('s', bytes), ['s']) &&
          !verifyWebhook(changed, signed('s', bytes), ['s'])
        )
      }),
    )
  })

  it.each([null, '', 'x', `${signed('s')}=`, signed('s').slice(0, -1), ` ${signed('s')}`])(
    'refuses the malformed header %j',
    header => expect(verifyWebhook(body, header, ['s'])).toBe(false),
  )
})

/** Shopify's documented example, whose secret is "hush". */
const EXAMPLE =
  'https://app.example.com/proxy/extra/path/components?extra=1&extra=2&shop=shop-name.myshopify.com' +
  '&logged_in_customer_id=1&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555' +
  '&signature=4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb'
const EXAMPLE_TIME = new Date(1317327555 * 1000)

/** A URL signed over exactly these parameters in this order. */
function signedUrl(query: string, message: string): URL {
  const signature = createHmac('sha256', 'hush').update(message).digest('hex')
  return new URL(`https://app.example.com/proxy/events?${query}&signature=${signature}`)
}

describe('verifyProxy', () => {
  it("accepts Shopify's documented example", () => {
    expect(verifyProxy(new URL(EXAMPLE), ['hush'], EXAMPLE_TIME)).toEqual({
      shop: 'shop-name.myshopify.com',
      customerId: '1',
      pathPrefix: '/apps/awesome_reviews',
    })
  })

  it('accepts the previous secret', () => {
    expect(verifyProxy(new URL(EXAMPLE), ['new', 'hush'], EXAMPLE_TIME)).toHaveProperty('shop')
  })

  it('sorts by bytes, where a locale would sort otherwise', () => {
    const query = 'a=1&B=2&v2=4&v=3&shop=shop-name.myshopify.com&timestamp=1317327555'
    const url = signedUrl(query, 'B=2a=1shop=shop-name.myshopify.comtimestamp=1317327555v2=4v=3')
    expect(verifyProxy(url, ['hush'], EXAMPLE_TIME)).toHaveProperty('shop')
  })

  it('reads an empty customer id as nobody', () => {
    const query = 'logged_in_customer_id=&shop=shop-name.myshopify.com&timestamp=1317327555'
    const url = signedUrl(query, 'logged_in_customer_id=shop=shop-name.myshopify.comtimestamp=1317327555')
    expect(verifyProxy(url, ['hush'], EXAMPLE_TIME)).toMatchObject({ customerId: null })
  })

  it.each([-90, 90])('accepts a clock %i seconds off', seconds => {
    const now = new Date(EXAMPLE_TIME.getTime() + seconds * 1000)
    expect(verifyProxy(new URL(EXAMPLE), ['hush'], now)).toHaveProperty('shop')
  })

  it.each([-91, 91])('refuses a clock %i seconds off', seconds => {
    const now = new Date(EXAMPLE_TIME.getTime() + seconds * 1000)
    expect(verifyProxy(new URL(EXAMPLE), ['hush'], now)).toEqual({ refused: 'timestamp is too far from now' })
  })

  it.each(['shop=x.myshopify.com', 'timestamp=1', 'signature=0', 'hmac=1&hmac=2', 'logged_in_customer_id=2'])(
    'refuses a repeated parameter: %s',
    more => {
      const refusal = verifyProxy(new URL(`${EXAMPLE}&${more}`), ['hush'], EXAMPLE_TIME)
      expect(refusal).toEqual({ refused: expect.stringContaining('repeated') })
    },
  )

  it('refuses a wrong secret, an empty secret, an added parameter and a missing signature', () => {
    const wrong = { refused: 'signature is wrong' }
    expect(verifyProxy(new URL(EXAMPLE), ['other'], EXAMPLE_TIME)).toEqual(wrong)
    expect(verifyProxy(new URL(EXAMPLE), [''], EXAMPLE_TIME)).toEqual(wrong)
    expect(verifyProxy(new URL(`${EXAMPLE}&more=1`), ['hush'], EXAMPLE_TIME)).toEqual(wrong)
    const unsigned = new URL('https://app.example.com/proxy?shop=shop-name.myshopify.com')
    expect(verifyProxy(unsigned, ['hush'], EXAMPLE_TIME)).toEqual({ refused: 'signature is missing' })
  })

  it('refuses a signed shop that is no myshopify.com domain', () => {
    const url = signedUrl('shop=example.com&timestamp=1317327555', 'shop=example.comtimestamp=1317327555')
    expect(verifyProxy(url, ['hush'], EXAMPLE_TIME)).toHaveProperty('refused')
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.string(), (url, secret) => {
        expect(verifyProxy(new URL(url), [secret], EXAMPLE_TIME)).toHaveProperty('refused')
      }),
    )
  })
})

describe('shopDomain', () => {
  it('reads a domain in lower case', () => {
    expect(shopDomain('Lantern-Shop.myshopify.com')).toBe('lantern-shop.myshopify.com')
  })

  it.each([
    null,
    7,
    '',
    'myshopify.com',
    '-a.myshopify.com',
    'a.b.myshopify.com',
    'a.myshopify.com.example.com',
    'a.myshopify.com/',
    'a.myshopify.com\n',
    'https://a.myshopify.com',
    `${'a'.repeat(300)}.myshopify.com`,
  ])('refuses %j', value => expect(shopDomain(value)).toBeNull())
})
