import { expect, it } from 'vitest'
import { ownQuery } from './own-query.ts'

it.each([
  ['', ''],
  ['?embedded=1&id_token=eyJ&host=YWRt&shop=a.myshopify.com&locale=cs', ''],
  ['?type=order_created&id_token=eyJ&order=%231001', '?type=order_created&order=%231001'],
])('the links of a page that was opened as %j had the session token', (search, own) => {
  expect(ownQuery(search)).toBe(own)
})
