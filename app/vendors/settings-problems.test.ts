import { describe, expect, it } from 'vitest'
import { VENDORS } from './registry.ts'
import { fieldsOf } from './settings.ts'
import { problemsOf } from './settings-problems.ts'

const vendor = (id: string) => {
  const found = VENDORS.find(each => each.id === id)
  if (!found) throw new Error(`no vendor ${id}`)
  return found
}
const KEYS = { apiKey: 'a-key', appId: 'an-id', appToken: 'a-token' }

describe('problemsOf', () => {
  it.each([
    ['ecomail', {}, 'apiKey is needed'],
    ['ecomail', { apiKey: '' }, 'apiKey must not be empty'],
    ['ecomail', { apiKey: 'a b' }, 'apiKey must be plain letters, digits and signs, without blanks'],
    ['ecomail', { ...KEYS, shopName: 'x'.repeat(501) }, 'shopName must be no longer than 500 characters'],
    ['ecomail', { ...KEYS, orderId: 'sku' }, 'orderId must be one of order_id, order_name'],
    ['ecomail', { ...KEYS, clearBasket: 'perhaps' }, 'clearBasket must be on or off'],
    ['ecomail', { ...KEYS, createContacts: true }, 'listId is needed to create or update contacts'],
    ['ecomail', { ...KEYS, rows: 'all' }, 'rows must be JSON with a value for each name'],
    ['ecomail', { ...KEYS, rows: { product_viewed: 'x' } }, 'rows.product_viewed must be true or false'],
    [
      'alana',
      { ...KEYS, productIdentifier: 'metafield' },
      'productMetafield: name the metafield (namespace.key) that holds the identifier',
    ],
    ['voucherify', { mode: 'server', appId: 'x' }, 'appToken is needed when the keys are server keys'],
    ['voucherify', { ...KEYS, eventNames: { order_paid: '' } }, 'eventNames.order_paid must not be empty'],
  ])('of %s given %j: %s', (id, given, problem) => {
    expect(problemsOf(vendor(id), given)).toEqual([problem])
  })

  it('names what a record may have', () => {
    expect(problemsOf(vendor('ecomail'), { ...KEYS, rows: { foo: true } })).toEqual([
      expect.stringMatching(/^rows must not have "foo"; it may have page_viewed, .*product_viewed/),
    ])
  })

  it('are none where the settings fit', () => {
    for (const each of VENDORS) expect(problemsOf(each, KEYS)).toEqual([])
  })

  it.each(VENDORS.map(each => [each.id, each] as const))(
    'of %s never speak the words of the schema, nor a value',
    (_, each) => {
      const bad = [
        '',
        'x'.repeat(600),
        5,
        null,
        [],
        ['sesame'],
        {},
        { sesame: 1 },
        { order_created: 'sesame' },
        true,
      ]
      const said = fieldsOf(each).flatMap(({ name }) =>
        bad.flatMap(value => problemsOf(each, { ...KEYS, [name]: value })),
      )
      expect(said.length).toBeGreaterThan(0)
      for (const sentence of said) {
        expect(sentence).toMatch(/^(each of )?[\w.]+(:| is| must) /)
        expect(sentence).not.toMatch(/Invalid|Unrecognized|Too |expected|received|undefined|>=|<=|xxx/)
      }
    },
  )
})
