import { expect, it } from 'vitest'
import { mask, maskHeaders, maskPath } from './credentials.ts'

it('shows at most the last four characters of a credential', () => {
  expect(mask('sandbox-ecomail-key-3f9a')).toBe('****3f9a')
  expect(mask('Bearer tm_live_abc123')).toBe('Bearer ****c123')
  expect(mask('short')).toBe('****')
})

it('masks credentials only', () => {
  expect(maskHeaders({ key: 'sandbox-ecomail-key-3f9a', host: 'api.example.com' })).toEqual({
    key: '****3f9a',
    host: 'api.example.com',
  })
  expect(maskPath('/a', new URLSearchParams())).toBe('/a')
  expect(maskPath('/a', new URLSearchParams({ query: 'te', api_key: 'ak_0123456789' }))).toBe(
    '/a?query=te&api_key=****6789',
  )
})
