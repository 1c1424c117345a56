import { createElement } from 'react'
import { describe, expect, it } from 'vitest'
import type { Traced } from '../../runtime/merchant-preview.ts'
import { drawn, textOf } from '../testing.ts'
import { Fields } from './fields.tsx'

const field = (over: Partial<Traced>): Traced => ({
  field: 'order.total',
  known: true,
  goes: [],
  decides: false,
  needed: null,
  standsInFor: [],
  elsewhere: [],
  ...over,
})
const told = (...fields: Traced[]) =>
  textOf(drawn(createElement(Fields, { name: 'Tiny', fields, level: 'h3', settings: '/app/vendors/tiny' })))

describe('a field that is sent', () => {
  it('stands with each place it goes to, the address among them', () => {
    expect(told(field({ goes: ['transaction.amount', ''] }))).toMatch(
      /^Sent Order · total transaction\.amount , the request’s address|^Sent Order · total transaction\.amount ,/,
    )
  })

  it('says when nothing is sent without it, and when it decides alone', () => {
    expect(told(field({ goes: ['amount'], needed: 'no_email' }))).toContain('Nothing is sent without it')
    const decides = told(field({ decides: true }))
    expect(decides).toContain('Decides whether and how it is sent')
    expect(decides).not.toContain('Not sent, and why')
  })
})

describe('a field that is not sent', () => {
  it.each<[string, Partial<Traced>, string]>([
    ['is for nobody there', {}, 'Tiny does not get this.'],
    ['is not known', { known: false }, 'Not known in this event.'],
    ['is not known and would go', { known: false, goes: ['a.b', 'c'] }, 'It would go to a.b, c.'],
    [
      'depends on a setting',
      { elsewhere: [{ setting: 'prices', label: 'Send prices' }] },
      'Not with these settings. See: Send prices',
    ],
    ['stands in for another', { standsInFor: ['actor.email'] }, 'Only where this is not known: Person · '],
  ])('says that it %s', (_, over, words) => {
    const text = told(field(over))
    expect(text).toContain('Not sent, and why')
    expect(text).toContain(words)
  })

  it('is told from the rule that names another by more than its weight', () => {
    const html = drawn(
      createElement(Fields, {
        ...{ name: 'Tiny', level: 'h3' as const, settings: null },
        fields: [field({ field: 'occurredAt', standsInFor: ['order.createdAt'] })],
      }),
    )
    expect(html).toMatch(
      /<dt>.*Event · .*<\/dt><dd[^>]*>Only where this is not known: Order · created at\.<\/dd>/,
    )
  })

  it('stands with those that have the same reason', () => {
    const text = told(
      field({}),
      field({ field: 'order.currency' }),
      field({ field: 'order.tax', known: false }),
    )
    expect(text.split('Tiny does not get this.')).toHaveLength(2)
    expect(text).toMatch(/Order · total Order · currency Tiny does not get this\./)
  })
})
