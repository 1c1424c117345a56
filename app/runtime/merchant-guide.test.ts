import { expect, it } from 'vitest'
import { type GuideFacts, guideOf } from './merchant-guide.ts'
import type { VendorCard, VendorStatus } from './merchant-vendors.ts'

const card = (status: VendorStatus): VendorCard => ({
  ...{ id: 'tiny', name: 'Tiny', status, test: null },
  counts: { open: 0, forVisitor: 0, held: 0, failed: 0 },
})
const SENT = { testSent: true, delivered: null }
const guideWith = (
  statuses: VendorStatus[],
  proved: string[] = [],
  setUp: object = SENT,
  more: VendorCard[] = [],
) =>
  guideOf({
    ...{
      cards: [...statuses.map(card), ...more],
      proved: new Set(proved),
      setUp: { dismissedAt: null, ...setUp },
    },
    ...{ storefront: { embed: { state: 'never' } }, pixel: { state: 'inactive', trouble: null } },
    ...{ editorUrl: '', storefrontUrl: '' },
  } as unknown as GuideFacts)
const connectDone = (...statuses: VendorStatus[]) => guideWith(statuses)?.done.connect
const refused = { kind: 'refused', why: 'Wrong key.', atKey: true } as const

it('the guide called connecting done where the only tool had refused its key', () => {
  const stopped = { kind: 'attention', why: 'Wrong key.', refused: true } as const
  expect(connectDone({ kind: 'none' })).toBe(false)
  expect(connectDone(refused)).toBe(false)
  expect(connectDone(refused, stopped)).toBe(false)
  expect(connectDone({ kind: 'off', attention: 'Wrong key.', refused: true })).toBe(false)
  expect(connectDone(refused, { kind: 'untested' })).toBe(true)
  expect(connectDone({ kind: 'attention', why: 'The app was removed.', refused: false })).toBe(true)
})

it('said nothing of what waits for its visitor, which the last step then never ended by', () => {
  expect(guideWith([{ kind: 'on' }])?.waits).toBe(false)
  const waiting = { ...card({ kind: 'on' }), counts: { open: 0, forVisitor: 1, held: 0, failed: 0 } }
  expect(guideWith([], [], SENT, [waiting])?.waits).toBe(true)
})

it('a test that failed took its own button and answer away', () => {
  expect(guideWith([{ kind: 'none' }])?.connected).toBe(false)
  expect(guideWith([refused])).toMatchObject({ connected: true, toCorrect: { id: 'tiny', atKey: true } })
  expect(guideWith([{ ...refused, atKey: false }])?.toCorrect?.atKey).toBe(false)
  expect(guideWith([refused, { kind: 'untested' }])?.toCorrect).toBeNull()
})

it('asked for a test where the tools had accepted real events', () => {
  expect(guideWith([{ kind: 'untested' }])?.done.test).toBe(false)
  expect(guideWith([{ kind: 'on' }], ['tiny'])?.done.test).toBe(true)
  const stopped = { kind: 'attention', why: 'Wrong key.', refused: true } as const
  expect(guideWith([stopped], ['tiny'])?.done.test).toBe(false)
})

it('a test is sent by sending one, or needless where something real has arrived', () => {
  const delivered = { eventId: 'e1', vendor: 'tiny' }
  const isDone = (setUp: object) => guideWith([{ kind: 'on' }], ['tiny'], setUp)?.done.test
  expect(isDone({ testSent: false, delivered: null })).toBe(false)
  expect(isDone({ testSent: true, delivered: null })).toBe(true)
  expect(isDone({ testSent: false, delivered })).toBe(true)
  expect(guideWith([{ kind: 'untested' }], [], { testSent: true, delivered })?.done.test).toBe(false)
})
