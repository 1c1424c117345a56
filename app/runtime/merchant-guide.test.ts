import { expect, it } from 'vitest'
import { type GuideFacts, guideOf } from './merchant-guide.ts'
import type { VendorCard, VendorStatus } from './merchant-vendors.ts'

const card = (status: VendorStatus): VendorCard => ({
  ...{ id: 'tiny', name: 'Tiny', status, test: null },
  counts: { open: 0, forVisitor: 0, held: 0, failed: 0 },
})
const connectDone = (...statuses: VendorStatus[]) => {
  const facts = {
    ...{ cards: statuses.map(card), setUp: { dismissedAt: null, delivered: null } },
    ...{ storefront: { embed: { state: 'never' } }, pixel: { state: 'inactive', trouble: null } },
    ...{ editorUrl: '', storefrontUrl: '' },
  } as unknown as GuideFacts
  return guideOf(facts)?.done.connect
}

it('the guide called connecting done where the only tool had refused its key', () => {
  const refused = { kind: 'refused', why: 'Wrong key.', atKey: true } as const
  const stopped = { kind: 'attention', why: 'Wrong key.', refused: true } as const
  expect(connectDone({ kind: 'none' })).toBe(false)
  expect(connectDone(refused)).toBe(false)
  expect(connectDone(refused, stopped)).toBe(false)
  expect(connectDone(refused, { kind: 'untested' })).toBe(true)
  expect(connectDone({ kind: 'attention', why: 'The app was removed.', refused: false })).toBe(true)
})
