import { expect, it } from 'vitest'
import { isEmail } from './person.ts'

it.each(['jana@example.com', ' Jana <jana.b@shop.example.com>', 'ž@é.cz'])('%s is of a person', text => {
  expect(isEmail(text)).toBe(true)
})

it.each(['', '@', '#1001', 'Caf@ Praha', '@home.example', 'a @ b', 'shop.myshopify.com'])(
  '%s is not',
  text => {
    expect(isEmail(text)).toBe(false)
  },
)
