import { expect, it } from 'vitest'
import { changeOf } from './consent.ts'
import { storeEvent } from './testing.ts'

it.each([
  ['subscribed', 'subscribe'],
  ['pending', 'undecided'],
  ['unsubscribed', 'unsubscribe'],
  ['not_subscribed', 'unsubscribe'],
  ['redacted', 'unsubscribe'],
])('the state %s is one to %s', (state, change) => {
  const event = storeEvent('marketing_consent_updated', { channel: 'email', state, optInLevel: null })
  expect(changeOf(event)).toBe(change)
})
