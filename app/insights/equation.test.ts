import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DELIVERY_STATES } from '../delivery/outcome.ts'
import {
  type Part,
  type Received,
  type RowKind,
  rowsOf,
  type ShopifyCount,
  sentOf,
  shared,
  verdictOf,
  wholeOf,
} from './equation.ts'

const NONE: Received = { received: 0, early: 0, since: 0, beforeInstall: 0 }
const part = (state: Part['state'], count: number, reason = '', deliveredBefore = 0): Part => ({
  ...{ vendor: 'tiny', state, reason, newer: '' },
  ...{ count, deliveredBefore },
})
/** Orders that were left to a newer state. */
const left = (newer: Part['newer'], count: number, deliveredBefore = 0): Part => ({
  ...part('skipped', count, 'superseded', deliveredBefore),
  newer,
})
const sum = (rows: readonly { count: number }[]) => rows.reduce((total, { count }) => total + count, 0)

const natural = fc.nat({ max: 10_000 })
const received: fc.Arbitrary<Received> = fc.record({
  received: natural,
  early: natural,
  since: natural,
  beforeInstall: natural,
})
const shopify: fc.Arbitrary<ShopifyCount | null> = fc.option(
  fc.record({ orders: natural, beforeInstall: natural }),
)
const parts: fc.Arbitrary<Part[]> = fc.array(
  fc
    .record({
      vendor: fc.constant('tiny'),
      state: fc.constantFrom(...DELIVERY_STATES),
      reason: fc.constantFrom('', 'no_email', 'superseded'),
      newer: fc.constantFrom('', 'none', 'delivered', 'waiting', 'held', 'failed', 'no_consent'),
      count: natural,
      deliveredBefore: natural,
    })
    .map(each => ({ ...each, deliveredBefore: Math.min(each.deliveredBefore, each.count) })),
)

describe('an equation', () => {
  it('does not count an order that was sent as a newer state among those that were skipped', () => {
    const parts = [part('delivered', 2), left('delivered', 9, 1), part('skipped', 1, 'no_email')]
    const rows = rowsOf(parts, 12, wholeOf({ ...NONE, received: 12 }, null))
    expect(rows).toEqual([
      { kind: 'delivered', reason: null, count: 2, again: 0 },
      { kind: 'newer', reason: null, count: 9, again: 1 },
      { kind: 'skipped', reason: 'no_email', count: 1, again: 0 },
    ])
    expect(sentOf(rows)).toBe(11)
  })

  it('counts no order as sent whose newer state was not delivered', () => {
    const parts = [
      part('delivered', 1),
      part('dead', 1, 'rejected'),
      ...[left('delivered', 2), left('failed', 3, 1), left('waiting', 4), left('held', 5)],
      ...[left('no_consent', 6), left('test_order', 7), left('none', 8), left('', 9)],
    ]
    const rows = rowsOf(parts, sum(parts), wholeOf({ ...NONE, received: sum(parts) }, null))
    expect(rows.map(({ kind, reason, count, again }) => [kind, reason, count, again])).toEqual([
      ['delivered', null, 1, 0],
      ['newer', null, 2, 0],
      ['newerSkipped', 'test_order', 7, 0],
      ['newerSkipped', 'no_consent', 6, 0],
      ['newerUnknown', null, 17, 0],
      ['newerWaiting', null, 4, 0],
      ['newerHeld', null, 5, 0],
      ['failed', null, 1, 0],
      ['newerFailed', null, 3, 1],
    ])
    expect(sentOf(rows)).toBe(3)
    const verdict = (kind: RowKind) =>
      verdictOf(
        rows.filter(row => row.kind === kind || row.kind === 'newer'),
        46,
      )
    expect(verdictOf(rows, 46)).toEqual({ kind: 'failed', count: 4 })
    expect(verdict('newerHeld')).toEqual({ kind: 'held', count: 5 })
    expect(verdict('newerWaiting')).toEqual({ kind: 'waiting', count: 4 })
    expect(verdict('newerSkipped')).toEqual({ kind: 'all', count: 46 })
  })

  it('comes to its whole, whatever was counted', () => {
    fc.assert(
      fc.property(parts, received, shopify, (counted, ours, theirs) => {
        const whole = wholeOf(ours, theirs)
        expect(sum(rowsOf(counted, ours.received, whole))).toBe(whole.orders)
        expect(ours.received + sum(shared(whole))).toBe(whole.orders)
        if (theirs) expect(theirs.orders + ours.since + ours.early + whole.gone).toBe(whole.orders)
      }),
    )
  })

  it('has each row once, none of it zero, and takes away only what does not fit', () => {
    fc.assert(
      fc.property(parts, received, shopify, (counted, ours, theirs) => {
        const rows = rowsOf(counted, ours.received, wholeOf(ours, theirs))
        const names = rows.map(({ kind, reason }) => `${kind} ${reason}`)
        expect(new Set(names).size).toBe(names.length)
        for (const { kind, count } of rows) expect(Math.sign(count)).toBe(kind === 'difference' ? -1 : 1)
      }),
    )
  })

  it('has what is open together, and what was skipped reason by reason, the most first', () => {
    const counted = [
      part('skipped', 1, 'no_email'),
      part('retry', 2, 'busy'),
      part('waiting', 3),
      part('pending', 4),
      part('skipped', 5, 'test_order'),
      part('dead', 6, 'rejected'),
      part('dead', 1, 'gave_up'),
      part('held', 7, 'off'),
      part('delivered', 8),
    ]
    const rows = rowsOf(counted, 40, wholeOf({ ...NONE, received: 40 }, null))
    expect(rows).toEqual([
      { kind: 'delivered', reason: null, count: 8, again: 0 },
      { kind: 'skipped', reason: 'test_order', count: 5, again: 0 },
      { kind: 'skipped', reason: 'no_email', count: 1, again: 0 },
      { kind: 'waiting', reason: null, count: 9, again: 0 },
      { kind: 'held', reason: null, count: 7, again: 0 },
      { kind: 'failed', reason: null, count: 7, again: 0 },
      { kind: 'none', reason: null, count: 3, again: 0 },
    ])
  })
})

describe('what had arrived and was sent again', () => {
  const rows = (counted: Part[]) =>
    rowsOf(counted, sum(counted), wholeOf({ ...NONE, received: sum(counted) }, null))

  it('is delivered while it is under way, whatever it waits for', () => {
    const underWay = [
      part('delivered', 10, '', 3),
      part('pending', 4, '', 4),
      part('retry', 3, 'busy', 2),
      part('held', 2, 'off', 1),
    ]
    expect(rows(underWay)).toEqual([
      { kind: 'delivered', reason: null, count: 17, again: 7 },
      { kind: 'waiting', reason: null, count: 1, again: 0 },
      { kind: 'held', reason: null, count: 1, again: 0 },
    ])
  })

  it('is what that came to once it is known, and it is told that it had arrived', () => {
    expect(rows([part('dead', 2, 'rejected', 1), part('skipped', 3, 'no_email', 3)])).toEqual([
      { kind: 'skipped', reason: 'no_email', count: 3, again: 3 },
      { kind: 'failed', reason: null, count: 2, again: 1 },
    ])
  })
})

describe('the whole', () => {
  it('is what was received while Shopify has not said', () => {
    expect(wholeOf({ ...NONE, received: 3 }, null)).toEqual({ orders: 3, before: 0, missing: 0, gone: 0 })
  })

  it('tells what never came from what is gone', () => {
    const of = (orders: number) => wholeOf({ ...NONE, received: 3 }, { orders, beforeInstall: 0 })
    expect(of(3)).toEqual({ orders: 3, before: 0, missing: 0, gone: 0 })
    expect(of(5)).toEqual({ orders: 5, before: 0, missing: 2, gone: 0 })
    expect(of(2)).toEqual({ orders: 3, before: 0, missing: 0, gone: 1 })
    expect(of(0)).toEqual({ orders: 3, before: 0, missing: 0, gone: 3 })
  })

  it('counts what came after Shopify was asked, or was placed before the period, on both sides', () => {
    const ours = { received: 10, early: 1, since: 2, beforeInstall: 0 }
    expect(wholeOf(ours, { orders: 7, beforeInstall: 0 })).toEqual({
      orders: 10,
      before: 0,
      missing: 0,
      gone: 0,
    })
  })

  it('does not call missing what was placed before the app was there', () => {
    const ours = { received: 6, early: 0, since: 0, beforeInstall: 1 }
    expect(wholeOf(ours, { orders: 10, beforeInstall: 4 })).toEqual({
      orders: 10,
      before: 3,
      missing: 1,
      gone: 0,
    })
  })
})

describe('the verdict', () => {
  const verdict = (counted: Part[], missing = 0) => {
    const ours = { ...NONE, received: sum(counted) }
    const whole = wholeOf(ours, { orders: ours.received + missing, beforeInstall: 0 })
    return verdictOf(rowsOf(counted, ours.received, whole), whole.orders)
  }
  const everything = [part('dead', 1), part('held', 2), part('pending', 3), part('delivered', 4)]

  it.each([
    ['failed', everything, 9, 1],
    ['held', everything.slice(1), 9, 2],
    ['missing', everything.slice(2), 9, 9],
    ['waiting', everything.slice(2), 0, 3],
    ['all', everything.slice(3), 0, 4],
    ['empty', [], 0, 0],
  ] as const)('is %s where that is the worst', (kind, counted, missing, count) => {
    expect(verdict([...counted], missing)).toEqual({ kind, count })
  })

  it('is never that all is accounted for where the numbers do not fit', () => {
    fc.assert(
      fc.property(parts, received, shopify, (counted, ours, theirs) => {
        const whole = wholeOf(ours, theirs)
        const rows = rowsOf(counted, ours.received, whole)
        fc.pre(rows.some(({ kind }) => kind === 'difference'))
        expect(['failed', 'held', 'missing', 'difference']).toContain(verdictOf(rows, whole.orders).kind)
      }),
    )
    const whole = wholeOf({ ...NONE, received: 2 }, null)
    expect(verdictOf(rowsOf([part('delivered', 5)], 2, whole), 2)).toEqual({ kind: 'difference', count: 3 })
  })

  it('is that a tool is not used where no delivery was made of any order', () => {
    const whole = wholeOf({ ...NONE, received: 2 }, null)
    expect(verdictOf(rowsOf([], 2, whole), 2)).toEqual({ kind: 'unused', count: 2 })
    const gone = wholeOf({ ...NONE, received: 2 }, { orders: 0, beforeInstall: 0 })
    expect(verdictOf(rowsOf([part('delivered', 2)], 2, gone), gone.orders)).toEqual({ kind: 'all', count: 2 })
    const more = wholeOf({ ...NONE, received: 2 }, { orders: 3, beforeInstall: 0 })
    expect(verdictOf(rowsOf([], 2, more), 3)).toEqual({ kind: 'unused', count: 2 })
    expect(verdictOf(rowsOf([part('delivered', 1)], 2, whole), 2)).toEqual({ kind: 'all', count: 2 })
  })
})
