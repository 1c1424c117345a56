import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { currencyCode, decimal, instant } from '../../events/data.ts'
import { attributes } from './attributes.ts'
import {
  amount,
  asAmount,
  asCount,
  asCurrency,
  asId,
  asInstant,
  asText,
  count,
  currency,
  exactId,
  flag,
  id,
  ids,
  list,
  nested,
  shopMoney,
  text,
  time,
  words,
} from './fields.ts'

describe('asText', () => {
  it.each([
    [' a ', 'a'],
    ['', null],
    ['  ', null],
    [7, '7'],
    [Number.NaN, null],
    [true, null],
    [{}, null],
    ['a\u0000b', 'ab'],
    ['a\uD83D', 'a\uFFFD'],
    ['\uD83D\uDE00', '\uD83D\uDE00'],
  ])('%j reads %j', (value, read) => expect(asText(value)).toBe(read))
})

describe('asId', () => {
  it.each([
    [632910392, '632910392'],
    ['820982911946154508', '820982911946154508'],
    ['gid://shopify/Order/820982911946154508', '820982911946154508'],
    ['gid://shopify/InventoryLevel/12?inventory_item_id=3', '12'],
    ['exampleCartId', null],
    ['-1', null],
    ['1.5', null],
    [null, null],
  ])('%j reads %j', (value, read) => expect(asId(value)).toBe(read))
})

describe('asAmount', () => {
  it.each([
    ['199.00', '199.00'],
    ['23600', '23600'],
    ['-5.00', '-5.00'],
    [195.66, '195.66'],
    ['1e2', '100'],
    ['1e-20', '0'],
    ['0.123456789012', '0.123456789'],
    ['1e999999999', null],
    ['-1e-999999999', '0'],
    ['9999999999999999', null],
    ['12,50', null],
    ['', null],
    ['0x10', null],
    ['Infinity', null],
    [true, null],
  ])('%j reads %j', (value, read) => expect(asAmount(value)).toBe(read))
})

describe('asInstant', () => {
  it.each([
    ['2021-12-31T19:00:00-05:00', '2022-01-01T00:00:00.000Z'],
    ['2025-07-10T16:15:47.000000Z', '2025-07-10T16:15:47.000Z'],
    ['2026-11-20T12:00:00+0100', '2026-11-20T11:00:00.000Z'],
    ['2026-11-20', null],
    ['2026-11-20T12:00:00', null],
    ['2026-13-20T12:00:00Z', null],
    ['9999-12-31T23:59:59-05:00', null],
    ['1', null],
    [1700000000, null],
  ])('%j reads %j', (value, read) => expect(asInstant(value)).toBe(read))
})

describe('asCount and asCurrency', () => {
  it('read whole numbers and ISO codes only', () => {
    expect([3, '0', '1000000'].map(asCount)).toEqual([3, 0, 1000000])
    expect([-1, 1.5, '1000001', '1e3', null].map(asCount)).toEqual([null, null, null, null, null])
    expect(['EUR', 'eur', 'EURO', 7].map(asCurrency)).toEqual(['EUR', 'EUR', null, null])
  })
})

describe('exactId', () => {
  it('takes the global id where the number may have been rounded', () => {
    expect(exactId('Order', '820982911946154500', 'gid://shopify/Order/820982911946154508')).toBe(
      '820982911946154508',
    )
  })

  it('takes the global id where there is no number', () => {
    expect(exactId('Order', null, 'gid://shopify/Order/5')).toBe('5')
  })

  it('keeps a number that a double holds, and one without a global id of its kind', () => {
    expect(exactId('Order', '5', 'gid://shopify/Order/6')).toBe('5')
    expect(exactId('Order', '820982911946154500', 'gid://shopify/Customer/1')).toBe('820982911946154500')
    expect(exactId('Order', '820982911946154500', null)).toBe('820982911946154500')
  })
})

const everything = z.object({
  text,
  id,
  amount,
  time,
  count,
  currency,
  flag,
  words,
  ids,
  shopMoney,
  attributes,
  nested: nested(z.object({ id })),
  list: list(z.object({ id })),
})

describe('the field readers', () => {
  it('read missing fields as null or empty', () => {
    expect(everything.parse({})).toEqual({
      text: null,
      id: null,
      amount: null,
      time: null,
      count: null,
      currency: null,
      flag: null,
      words: [],
      ids: [],
      shopMoney: null,
      attributes: {},
      nested: null,
      list: [],
    })
  })

  it('never fail, and what they read is valid in an event', () => {
    const fields = fc.record(
      Object.fromEntries(Object.keys(everything.shape).map(key => [key, fc.jsonValue()])),
    )
    fc.assert(
      fc.property(fields, value => {
        const read = everything.parse(value)
        decimal.nullable().parse(read.amount)
        instant.nullable().parse(read.time)
        currencyCode.nullable().parse(read.currency)
      }),
    )
  })

  it('read lists and nested objects part by part', () => {
    const read = everything.parse({
      words: 'a, b,,c',
      ids: [1, 'x', '2'],
      list: [{ id: 1 }, null, 'x', { id: [] }],
      nested: [{ id: 1 }],
      shopMoney: { shop_money: { amount: '5.00', currency_code: 'EUR' }, presentment_money: {} },
    })
    expect(read).toMatchObject({
      words: ['a', 'b', 'c'],
      ids: ['1', '2'],
      list: [{ id: '1' }, { id: null }],
      nested: null,
      shopMoney: { amount: '5.00', currency: 'EUR' },
    })
  })
})

describe('attributes', () => {
  it('reads the list of orders and the object of carts alike', () => {
    expect(attributes.parse([{ name: 'a', value: '1' }, { name: 'b' }, 'x'])).toEqual({ a: '1' })
    expect(attributes.parse({ a: '1', b: null })).toEqual({ a: '1' })
  })

  it('leaves out what could become a prototype', () => {
    const read = attributes.parse(JSON.parse('{"__proto__":"x","a":"1"}'))
    expect(Object.keys(read)).toEqual(['a'])
    expect(Object.keys(attributes.parse([{ name: '__proto__', value: 'x' }]))).toEqual([])
  })
})
