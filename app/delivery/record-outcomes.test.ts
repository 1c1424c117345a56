import { describe, expect, it } from 'vitest'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import type { Reading } from '../vendors/vendor.ts'
import { connectionRow } from './connections.ts'
import { fingerprint } from './decide.ts'
import { memoriesOf } from './due.ts'
import { switchLane } from './lane-state.ts'
import type { Outcome } from './outcome.ts'
import { FIRST, REQUEST, RETRY, recordedLanes, SECOND } from './testing-record.ts'

const { pool, lane, otherLane, rows, exchanges, attempts, delivery, decide, record } = recordedLanes()

describe('a delivery', () => {
  it('takes its outcome, and no other does', async () => {
    await record()
    expect(await delivery()).toMatchObject({ state: 'delivered', reason: null, attempts: 1, replay: false })
    expect(await delivery(SECOND)).toMatchObject({ state: 'pending', attempts: 0, done: [] })
    expect(await delivery(FIRST, otherLane())).toMatchObject({ state: 'pending', attempts: 0, done: [] })
    expect((await exchanges()).every(({ shop_id }) => shop_id === lane().shopId)).toBe(true)
  })

  it('with steps to go keeps its state and remembers the step, once', async () => {
    await record({ step: { name: 'contact' }, outcome: null })
    await record({ step: { name: 'contact' }, outcome: null })
    expect(await delivery()).toMatchObject({ state: 'pending', done: ['contact'] })
  })

  it.each(['skipped', 'dead'] as const)(
    'that a person stopped meanwhile stays so instead of %s',
    async state => {
      await switchLane(pool(), lane(), false)
      const outcome = { state, reason: state === 'dead' ? 'rejected' : 'no_email', message: 'x' } as Outcome
      await decide(FIRST, outcome)
      await record({ outcome: RETRY })
      expect(await delivery()).toMatchObject({ state: 'held', reason: 'off' })
    },
  )

  it('that was stopped meanwhile and got through is delivered', async () => {
    await switchLane(pool(), lane(), false)
    await record()
    expect(await delivery()).toMatchObject({ state: 'delivered' })
  })

  it('asked for again stays so over retries and holds, and not beyond its outcome', async () => {
    await record({ outcome: RETRY })
    expect(await delivery()).toMatchObject({ replay: true })
    await record({ number: 2, outcome: { state: 'held', reason: 'refused', message: 'x' } })
    expect(await delivery()).toMatchObject({ state: 'held', replay: true })
  })

  it('does not keep an address in its message', async () => {
    const outcome: Outcome = { state: 'dead', reason: 'rejected', message: 'No: jane@example.com' }
    await decide(FIRST, outcome)
    expect(await delivery()).toMatchObject({ state: 'dead', message: 'No: j…@example.com' })
  })
})

describe('memory', () => {
  const leaves = (version: string | null) => ({ subject: 'order:1', version })
  const remembered = async () => (await memoriesOf(pool(), lane(), ['order:1', 'order:2'])).get('order:1')

  it('is what was delivered last', async () => {
    await record({ step: { leaves: leaves('2026-11-20T12:00:00.000Z') } })
    expect(await remembered()).toEqual({
      version: '2026-11-20T12:00:00.000Z',
      fingerprint: fingerprint(REQUEST.body),
      eventId: FIRST,
      triggeredAt: null,
    })
    const request = { ...REQUEST, body: { changed: true } }
    await record({ step: { deliveries: [SECOND], request, leaves: leaves(null) } })
    expect(await remembered()).toEqual({
      version: null,
      fingerprint: fingerprint({ changed: true }),
      eventId: SECOND,
      triggeredAt: null,
    })
  })

  it('knows what its event is about where the vendor names a subject of its own', async () => {
    const subjects = async () => rows('select subject, event_subject from memories order by 1')
    await record({ step: { leaves: leaves(null) }, subject: 'order:1' })
    await record({ step: { leaves: { subject: 'cart:1', version: null } }, subject: 'order:1' })
    expect(await subjects()).toEqual([
      { subject: 'cart:1', event_subject: 'order:1' },
      { subject: 'order:1', event_subject: null },
    ])
  })

  it('keeps nothing of what was not delivered', async () => {
    const retry: Reading = { kind: 'retry', merchant: 'x', log: 'x' }
    await record({ step: { leaves: leaves(null) }, readings: retry, outcome: RETRY })
    expect(await remembered()).toBeUndefined()
  })

  it('is of one shop and vendor', async () => {
    await record({ step: { leaves: leaves(null) } })
    expect((await memoriesOf(pool(), otherLane(), ['order:1'])).size).toBe(0)
    expect((await memoriesOf(pool(), { ...lane(), vendor: 'other' }, ['order:1'])).size).toBe(0)
    expect((await memoriesOf(pool(), lane(), [])).size).toBe(0)
  })
})

describe('an answer that refuses the credentials', () => {
  it('stops the lane together with what is open in it', async () => {
    const refused: Reading = { kind: 'refused', merchant: 'Wrong key.', log: '401' }
    await record({ readings: refused, outcome: { state: 'held', reason: 'refused', message: 'Wrong key.' } })
    expect(await connectionRow(pool(), lane().shopId, 'tiny')).toMatchObject({ attention: 'Wrong key.' })
    expect(await delivery()).toMatchObject({ state: 'held', reason: 'refused', attempts: 1 })
    expect(await delivery(SECOND)).toMatchObject({ state: 'held', reason: 'refused', attempts: 0 })
    expect(await delivery(FIRST, otherLane())).toMatchObject({ state: 'pending' })
  })

  it('given to a test said that the tool had been stopped when it was sent', async () => {
    await pool().query(`update events set source = 'test'`)
    const refused: Reading = { kind: 'refused', merchant: 'Wrong key.', log: '401' }
    await record({ readings: refused, outcome: { state: 'held', reason: 'refused', message: 'Wrong key.' } })
    const skipped = { state: 'skipped', reason: 'test_stopped' }
    expect(await delivery()).toMatchObject({ ...skipped, message: 'Wrong key.', attempts: 1 })
    expect(await delivery(SECOND)).toMatchObject({ ...skipped, message: SKIP_REASONS.test_stopped })
  })

  it('that were replaced meanwhile stops nothing: the delivery is tried with the new ones', async () => {
    const refused: Reading = { kind: 'refused', merchant: 'Wrong key.', log: '401' }
    const outcome: Outcome = { state: 'held', reason: 'refused', message: 'Wrong key.' }
    await record({ readings: refused, outcome, sealed: 'the old ones' })
    expect(await connectionRow(pool(), lane().shopId, 'tiny')).toMatchObject({ attention: null })
    expect(await delivery()).toMatchObject({ state: 'retry', reason: 'transient', attempts: 1 })
    expect(await delivery(SECOND)).toMatchObject({ state: 'pending' })
    expect(await attempts()).toHaveLength(1)
  })
})
