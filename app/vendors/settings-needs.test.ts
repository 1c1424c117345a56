import { expect, it } from 'vitest'
import { VENDORS } from './registry.ts'
import { needsOf } from './settings-needs.ts'

const needs = (id: string) => {
  const vendor = VENDORS.find(each => each.id === id)
  if (!vendor) throw new Error(`no vendor ${id}`)
  return Object.fromEntries([...needsOf(vendor)].filter(([, need]) => need !== 'no'))
}

it.each([
  [
    'ecomail',
    {
      apiKey: 'yes',
      listId: 'when createContacts is on',
      productMetafield: 'when productIdentifier is metafield',
    },
  ],
  ['alana', { apiKey: 'yes', productMetafield: 'when productIdentifier is metafield' }],
  [
    'voucherify',
    {
      baseUrl: 'when region is custom',
      appId: 'when mode is server',
      appToken: 'when mode is server',
      applicationId: 'when mode is client',
      clientToken: 'when mode is client',
      origin: 'when mode is client',
    },
  ],
])('%s needs %j', (id, expected) => {
  expect(needs(id)).toEqual(expected)
})
