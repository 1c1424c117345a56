import { expect, it } from 'vitest'
import { whyOf } from './answered.ts'

it.each(['Failed to fetch', 'NetworkError when attempting to fetch resource.', 'Load failed'])(
  'a line that is cut is not blamed on Sluice: %s',
  message => expect(whyOf(new TypeError(message))).toBe('unreachable'),
)

it.each([
  [new TypeError("Cannot read properties of undefined (reading 'name')"), 'failed'],
  [new Error('Bad Gateway'), 'failed'],
  [new Response(null, { status: 503 }), 'away'],
  [new Response(null, { status: 502 }), 'shopify'],
  [{ status: 503, statusText: '', internal: false, data: null }, 'away'],
])('%o is %s', (error, why) => expect(whyOf(error)).toBe(why))
