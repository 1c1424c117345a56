import { expect, it } from 'vitest'
import { askedOf } from './search.server.ts'

const asked = (given: Record<string, string>) => askedOf(new URLSearchParams(given), ['hold'])

it.each([
  ['actor', 'a\0b'],
  ['actor', 'a'.repeat(501)],
  ['shop', 's'.repeat(501)],
  ['vendor', '\0'],
  ['reason', 'r'.repeat(501)],
  ['action', 'dance'],
  ['since', '2026-13-45'],
  ['until', 'tomorrow'],
  ['fleet', 'nonsense'],
])('by a filter that was dropped all was found and taken: %s', (name, value) => {
  expect(asked({ [name]: value })).toMatchObject({ wrong: [name], texts: { [name]: value.slice(0, 500) } })
})

it('looks for a reason as long as reasons are', () => {
  const reason = 'r'.repeat(500)
  expect(asked({ reason })).toMatchObject({ wrong: [], filter: { reason } })
})

it('does not take a field that was left empty for one that cannot be read', () => {
  const empty = { actor: '', action: '', shop: ' ', vendor: '', since: '', until: '', reason: ' ', fleet: '' }
  expect(asked(empty).wrong).toEqual([])
})
