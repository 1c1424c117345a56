import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { basketBody } from '../vendors/ecomail/basket.ts'
import { line, product, SHOP } from '../vendors/testing.ts'
import { hideSecrets, maskEmail, maskJson, maskPhone, maskSecret, scrub, scrubJson } from './mask.ts'

/** As shoppers have them: letters, digits and the signs that are common in local parts. */
const email = fc
  .tuple(fc.stringMatching(/^[a-z0-9][a-z0-9.+_'-]{1,20}[a-z0-9]$/), fc.stringMatching(/^[a-z0-9]{1,10}$/))
  .map(([local, domain]) => `${local}@${domain}.example.com`)
const secret = fc.stringMatching(/^[\x21-\x7e]{12,40}$/)

describe('maskSecret, maskEmail, maskPhone', () => {
  it.each([
    ['sk-0123456789', '…6789'],
    ['123456789', '…6789'],
    ['12345678', '…'],
    ['', '…'],
  ])('keeps the last four characters of %j, unless that is half of it', (value, masked) => {
    expect(maskSecret(value)).toBe(masked)
  })

  it.each([
    ['jane@example.com', 'j…@example.com'],
    ['jane%40example.com', 'j…%40example.com'],
    ['😀x@example.com', '😀…@example.com'],
    ['@example.com', '…'],
    ['no address', '…'],
  ])('keeps the first letter and the domain of %j', (value, masked) => {
    expect(maskEmail(value)).toBe(masked)
  })

  it('keeps two digits of a phone number', () => {
    expect(maskPhone('+421900000012')).toBe('…12')
  })
})

describe('scrub', () => {
  it.each([
    ['Contact jane.doe+x@example.com, please', 'Contact j…@example.com, please'],
    ['<jane@example.com>;joe@sub.example.co.uk', '<j…@example.com>;j…@sub.example.co.uk'],
    ["o'brien@example.com", 'o…@example.com'],
    ['x@b.jane@example.com', 'x@b…@example.com'],
    ['jane%252Bx%2540example.com', 'j…%2540example.com'],
    ['jane@example.com.%40example.org', 'j…@example.com.…%40example.org'],
    ['\\u001bjane@example.com', '\\u001bj…@example.com'],
    [`${'a%4'.repeat(1_000)} jane@example.com`, `${'a%4'.repeat(1_000)} j…@example.com`],
    [`${'x'.repeat(300)}@example.com`, expect.stringMatching(/^x{47}…@example\.com$/)],
    ['Write to jane@example.com. Now!', 'Write to j…@example.com. Now!'],
    ['jane@žluťoučký.example', 'j…@žluťoučký.example'],
    ['/contacts?search=jane%2Bx%40example.com&limit=1', '/contacts?search=j…%40example.com&limit=1'],
    ['to=%2Flogin%3Fe%3Djane%2540example.com', expect.not.stringContaining('jane')],
    ['{"email":"jane@example.com"}', '{"email":"j…@example.com"}'],
    ['{\\"email\\":\\"jane@example.com\\"}', '{\\"email\\":\\"j…@example.com\\"}'],
    ['call +421900000012 now', 'call …12 now'],
    ['phone=%2B421900000012', 'phone=…12'],
    ['Authorization: Bearer abc.def', 'Authorization: [credential]'],
    ['key tm_live_0123456789 refused', 'key [credential] refused'],
    ['token shpat_0123456789abcdef', 'token [credential]'],
  ])('masks %j', (text, masked) => {
    expect(scrub(text)).toEqual(masked)
  })

  it.each([
    'https://shop.example/products/nike-air-max-90?variant=43012345678901',
    '2026-11-20T12:00:00.000+01:00',
    'order 5123456789012 of 104.80 EUR',
    '@media and a @ b, v1@2',
    '',
  ])('leaves %j', text => {
    expect(scrub(text)).toBe(text)
  })

  it('leaves JSON JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), email, fc.string(), (value, address, before) => {
        const text = JSON.stringify([
          value,
          `${before}${address}`,
          `Bearer ${before}`,
          { a: `\n\u001b${address}` },
        ])
        expect(() => JSON.parse(scrub(text))).not.toThrow()
        expect(scrub(text)).not.toContain(address)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['letters', 'a'.repeat(200_000)],
    ['codes', '%41'.repeat(60_000)],
    ['signs', '@'.repeat(100_000)],
    ['a domain', 'a.'.repeat(50_000)],
  ])('still masks the address after a long run of %s', (_what, text) => {
    expect(scrub(`${text} jane@example.com`)).not.toContain('jane@example.com')
  })
})

describe('hideSecrets', () => {
  it('hides every occurrence, also in an address and in a JSON text', () => {
    const given = 'se"cret/0123'
    const text = `a=${encodeURIComponent(given)} ${JSON.stringify({ given })} ${given}`
    expect(hideSecrets(text, [given])).toBe('a=…0123 {"given":"…0123"} …0123')
  })

  it('hides the whole of a secret that contains another', () => {
    expect(hideSecrets('0123456789-and-more', ['0123456789', '0123456789-and-more'])).toBe('…more')
  })

  it('takes an empty secret for none', () => {
    expect(hideSecrets('text', [''])).toBe('text')
  })
})

describe('maskJson', () => {
  it('masks personal fields by name, however it is written', () => {
    expect(
      maskJson({
        first_name: 'Jane',
        lastName: 'Doe',
        Surname: 'Doe',
        name: 'Jane Doe jane@example.com',
        phone: 421900000012,
        city: 'Košice',
        customer: { 'address-x': 'kept', postal_code: '04001', birthdate: '', email: null },
      }),
    ).toEqual({
      first_name: 'J…',
      lastName: 'D…',
      Surname: 'D…',
      name: 'J…',
      phone: '…',
      city: 'K…',
      customer: { 'address-x': 'kept', postal_code: '0…', birthdate: '', email: null },
    })
  })

  it('masks lists of personal fields, and leaves what is said about a field', () => {
    expect(maskJson({ email: ['jane@example.com'], name: ['Jane'] })).toEqual({
      email: ['j…@example.com'],
      name: ['J…'],
    })
    expect(
      maskJson({ errors: { name: ['The name is too long.'], email: ['jane@example.com is wrong'] } }),
    ).toEqual({
      errors: { name: ['The name is too long.'], email: ['j…@example.com is wrong'] },
    })
  })

  it("leaves a product's name", () => {
    for (const key of ['productId', 'product_id', 'sku']) {
      expect(maskJson({ [key]: '1', name: 'Brass Lantern' })).toEqual({ [key]: '1', name: 'Brass Lantern' })
    }
  })

  it("leaves a cart in Ecomail's encoded text, but for what is personal in it", () => {
    const lines = [line({ product: product({ title: 'Lantern of jane@example.com' }) })]
    const settings = { productIdentifier: 'product_id' as const }
    const body = basketBody('jane@example.com', lines, settings, SHOP)
    const masked = maskJson(body) as { event: { email: string; value: string } }
    expect(masked.event.email).toBe('j…@example.com')
    const { products } = JSON.parse(masked.event.value).data.data
    expect(products).toMatchObject([{ productId: expect.anything(), name: 'Lantern of j…@example.com' }])
  })

  it('keeps numbers, switches and nothing as they are', () => {
    const value = { total: 49.9, ok: true, none: null, list: [1, 'a', []] }
    expect(maskJson(value)).toEqual(value)
  })

  it('masks a secret that was sent as a number', () => {
    expect(maskJson({ year: 1984, total: 49.9 }, ['1984'])).toEqual({ year: '…', total: 49.9 })
  })

  it('ends where a value is nested too deep', () => {
    const deep = JSON.parse(`${'['.repeat(20_000)}"jane@example.com"${']'.repeat(20_000)}`)
    expect(JSON.stringify(maskJson(deep))).toContain('…')
  })

  it('leaves neither an address nor a secret, wherever they stand', () => {
    const holding = (text: fc.Arbitrary<string>) =>
      fc.letrec<{ value: unknown }>(tie => ({
        value: fc.oneof(
          { maxDepth: 4 },
          text,
          fc.jsonValue(),
          fc.array(tie('value'), { maxLength: 3 }),
          fc.dictionary(
            fc.oneof(fc.constantFrom('email', 'name', 'phone', 'x', 'errors', 'sku'), text),
            tie('value'),
            {
              maxKeys: 3,
            },
          ),
          tie('value').map(value => JSON.stringify(value)),
        ),
      })).value
    const cases = fc
      .tuple(email, secret)
      .chain(([address, key]) =>
        fc.tuple(
          fc.constant(address),
          fc.constant(key),
          holding(
            fc.constantFrom(
              address,
              key,
              `${key} ${address}`,
              `see https://x.example/?q=${encodeURIComponent(address)}&k=${encodeURIComponent(key)}`,
            ),
          ),
        ),
      )
    fc.assert(
      fc.property(cases, ([address, key, value]) => {
        const texts: string[] = []
        JSON.stringify(maskJson(value, [key]), (name, item) => {
          texts.push(name)
          if (typeof item === 'string') texts.push(item)
          return item
        })
        for (const text of texts) {
          expect(text).not.toContain(address)
          expect(text).not.toContain(encodeURIComponent(address))
          expect(text).not.toContain(key)
          expect(text).not.toContain(encodeURIComponent(key))
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('scrubJson', () => {
  it('masks addresses anywhere and leaves names', () => {
    expect(scrubJson({ name: '#1001', 'jane@example.com': ['to jane@example.com'] })).toEqual({
      name: '#1001',
      'j…@example.com': ['to j…@example.com'],
    })
  })
})
