import { expect, it } from 'vitest'
import { isOrderNumber } from './order-number.ts'

it.each([
  ['#1', true],
  ['3003', true],
  ['order 3003', true],
  ['#', false],
  ['order 6123456789012', false],
  ['order lamps', false],
  ['CZ-1001', true],
  ['6123456789012', false],
  ['#6123456789012', false],
  ['450789469', false],
  ['lamps', false],
  ['shop 123', false],
  ['shop-123.myshopify.com', false],
])('that no order "%s" was received may be said where nothing is found by it: %s', (text, may) => {
  expect(isOrderNumber(text)).toBe(may)
})
