import { expect, it } from 'vitest'
import { idIn } from './id.ts'

const ID = '0199d3a4-0000-7000-8000-00000000abcd'

it.each([
  [ID, ID],
  [` ${ID.toUpperCase()} `, ID],
  ['45632a50-6bff-4d7e-8c11-1f3b0d0c0f63', '45632a50-6bff-4d7e-8c11-1f3b0d0c0f63'],
  [ID.slice(1), null],
  [`${ID}0`, null],
  ['#1001', null],
  ['', null],
  [undefined, null],
  [null, null],
])('the id in "%s" is %s', (text, expected) => {
  expect(idIn(text)).toBe(expected)
})
