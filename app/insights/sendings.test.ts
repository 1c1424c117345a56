import { describe, expect, it } from 'vitest'
import { firstIdOf } from '../db/partitions.ts'
import { type ReplayEntry, sendingsOf, type Tried, toldAgain } from './sendings.ts'

const at = (minutes: number, seconds = 0) => new Date(Date.UTC(2026, 10, 20, 12, minutes, seconds))
const tried = (number: number, minutes: number, outcome: string, step = 'track'): Tried => ({
  ...{ number, step, outcome, startedAt: at(minutes) },
})
const once = (minutes: number, alone = true, seconds = 0) => ({
  ...{ id: firstIdOf(at(minutes)), at: at(minutes, seconds), alone },
})
const made = { createdAt: at(0), replay: false }
const numbers = (...given: Parameters<typeof sendingsOf>) =>
  sendingsOf(...given).map(({ at: from, turns }) => [from, turns.map(([{ number }]) => number)])

describe('the sendings of a delivery', () => {
  it('each have their attempts, and what was sent again unsent has none', () => {
    const attempts = [
      tried(1, 1, 'dead'),
      tried(2, 11, 'retry'),
      tried(3, 12, 'delivered'),
      tried(4, 31, 'delivered'),
    ]
    expect(numbers(made, [once(10), once(20, false), once(30)], attempts)).toEqual([
      [at(0), [1]],
      [at(10), [2, 3]],
      [at(20), []],
      [at(30), [4]],
    ])
  })

  it('are told apart where the clock of who sent it is slow', () => {
    const attempts = [tried(1, 1, 'dead'), tried(2, 10, 'delivered')]
    expect(numbers(made, [once(10, true, 2)], attempts)).toEqual([
      [at(0), [1]],
      [at(10, 2), [2]],
    ])
  })

  it('of which one was not kept show in the attempts', () => {
    const attempts = [tried(1, 1, 'delivered'), tried(2, 5, 'delivered'), tried(3, 31, 'delivered')]
    expect(numbers(made, [once(30)], attempts)).toEqual([
      [at(0), [1]],
      [null, [2]],
      [at(30), [3]],
    ])
  })
})

describe('who sent it again', () => {
  const entry = (minutes: number, over: Partial<ReplayEntry>): ReplayEntry => ({
    ...{ at: at(minutes), actor: 'jane@example.com', reason: 'They lost it.', vendor: 'tiny' },
    ...{ event: null, replay: null, ...over },
  })
  const told = (
    sendings: Parameters<typeof toldAgain>[0],
    entries: ReplayEntry[],
    senders: [string, 'shop' | 'staff'][] = [],
  ) =>
    toldAgain(sendings, 'tiny', { entries, senders: new Map(senders) }).map(
      ({ sentBy, by, at: when, before }) => [sentBy, by, when, before],
    )
  const attempts = [tried(1, 1, 'dead'), tried(2, 11, 'dead'), tried(3, 21, 'dead'), tried(4, 31, 'dead')]

  it('is told of each: support by its entry, the command line by when it wrote its own, else the merchant', () => {
    const sendings = sendingsOf(made, [once(10), once(20, false), once(30)], attempts)
    const ours = entry(10, { event: 'event', replay: once(10).id })
    const command = entry(19, { at: at(19, 59), actor: 'command line: root', vendor: null })
    const others = [
      entry(20, { vendor: 'other' }),
      entry(20, { replay: firstIdOf(at(19)) }),
      // Another event's, of a selection of one.
      entry(29, { at: at(29, 59) }),
    ]
    expect(told(sendings, [ours, command, ...others])).toEqual([
      ['staff', 'jane@example.com', at(10), 1],
      ['staff', 'command line: root', at(20), 2],
      ['shop', null, at(30), 3],
    ])
  })

  it('is told by the entry of the event between two attempts, where the delivery has not kept it', () => {
    const sendings = sendingsOf(made, [], attempts.slice(0, 3))
    expect(told(sendings, [entry(5, { event: 'event' })])).toEqual([
      ['staff', 'jane@example.com', at(5), 1],
      [null, null, null, 2],
    ])
  })

  it('is not the merchant where support did by a filter, before entries said which replay they are of', () => {
    const sendings = sendingsOf(made, [once(10, false)], attempts.slice(0, 2))
    const step = entry(10, { at: at(10, 2) })
    const ofAnother = entry(9, { at: at(9, 55) })
    expect(told(sendings, [step, ofAnother])).toEqual([[null, null, at(10), 1]])
  })

  it('is the merchant where the replay is kept as theirs, though a command began just before', () => {
    const sendings = sendingsOf(made, [once(10, false)], attempts.slice(0, 2))
    const command = entry(9, { at: at(9, 55), actor: 'command line: root' })
    expect(told(sendings, [command], [[once(10).id, 'shop']])).toEqual([['shop', null, at(10), 1]])
    expect(told(sendings, [command], [[once(10).id, 'staff']])).toEqual([
      ['staff', 'command line: root', at(10), 1],
    ])
    expect(told(sendings, [], [[once(10).id, 'staff']])).toEqual([['staff', null, at(10), 1]])
  })

  it('is who the entry with its id says, though a command wrote one without just before', () => {
    const sendings = sendingsOf(made, [once(10)], attempts.slice(0, 2))
    const ours = entry(10, { event: 'event', replay: once(10).id })
    const command = entry(9, { at: at(9, 55), actor: 'command line: root', event: 'event' })
    expect(told(sendings, [ours, command])).toEqual([['staff', 'jane@example.com', at(10), 1]])
  })
})
