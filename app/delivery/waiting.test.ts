import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { lanesDue, nextDue } from './due.ts'
import { skipped } from './outcome.ts'
import { deliveryOf, keepDelivery } from './testing.ts'
import { waitingLane } from './testing-waiting.ts'
import { MOST_WAITING, putToWait, setPersonWait, waitingAmong } from './waiting.ts'

const { pool, lane, search, keep, put, link, settle, state, states, end, shop } = waitingLane()

describe('what waits', () => {
  const outcomes = (id: string, reason: 'no_email' | 'no_person' | 'no_consent') =>
    new Map([[id, skipped(reason)]])

  it.each([
    [true, 'a view that lacks an address', {}, 'no_email'],
    [
      true,
      'one that lacks a customer, though an address is known',
      { actor: { ...NOBODY, visitorId: 'v1', email: 'a@example.com' } },
      'no_person',
    ],
    [true, 'what the pixel told', { source: 'pixel' }, 'no_email'],
    [false, 'what a webhook told', { source: 'webhook' }, 'no_email'],
    [false, 'what names no visitor', { actor: NOBODY }, 'no_email'],
    [false, 'what was refused', {}, 'no_consent'],
    [
      false,
      'what has the address and is not wanted all the same',
      { actor: { ...NOBODY, visitorId: 'v1', email: 'a@example.com' } },
      'no_email',
    ],
  ] as const)('is decided by its source and what is lacking: %s, %s', (waits, _, over, reason) => {
    const event = search('e1', over as Partial<StoreEvent>)
    expect(waitingAmong([{ event }], outcomes('e1', reason))).toHaveLength(waits ? 1 : 0)
  })

  it('is neither due nor looked for, and arms nothing', async () => {
    const id = await keep()
    await put([id])
    expect(await state(id)).toMatchObject({ state: 'waiting', reason: 'no_email' })
    expect(await nextDue(pool(), lane())).toBeNull()
    expect(await lanesDue(pool(), 10)).toEqual([])
  })

  it('is not what a person has stopped meanwhile', async () => {
    const id = await keep('v1', 0, { state: 'held', reason: 'off' })
    await put([id])
    expect(await state(id)).toMatchObject({ state: 'held', reason: 'off' })
  })

  it('is not what is too old, nor anything where the shop does not want it', async () => {
    const [old, young] = [await keep('v1', 25), await keep('v1', 23)]
    await put([old, young])
    expect(await state(old)).toMatchObject({ state: 'skipped', message: 'No e-mail for this visitor.' })
    expect(await state(young)).toMatchObject({ state: 'waiting' })
    await setPersonWait(pool(), shop(), 0)
    const id = await keep()
    await put([id])
    expect(await state(id)).toEqual({
      state: 'skipped',
      reason: 'no_email',
      message: 'The vendor’s own words.',
    })
  })

  it('is never more than fifty of one visitor, the newest, however they come', async () => {
    const visits = fc.array(fc.array(fc.constantFrom('v1', 'v2'), { minLength: 1, maxLength: 40 }), {
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(visits, async rounds => {
        await pool().query('truncate events, deliveries, event_keys')
        const all: { id: string; visitor: string }[] = []
        for (const visitors of rounds) {
          const made = await Promise.all(
            visitors.map(async visitor => ({ id: await keep(visitor), visitor })),
          )
          all.push(...made)
          await putToWait(
            pool(),
            lane(),
            made.map(({ id, visitor }) => ({
              eventId: id,
              visitorId: visitor,
              reason: 'no_email',
              message: 'x',
            })),
          )
          for (const visitor of ['v1', 'v2']) {
            const own = all.filter(one => one.visitor === visitor).map(({ id }) => id)
            const found = await pool().query<{ event_id: string }>(
              `select event_id from deliveries where state = 'waiting' and event_id = any($1) order by event_id`,
              [own],
            )
            expect(found.rows.map(row => row.event_id)).toEqual(own.sort().slice(-MOST_WAITING))
          }
        }
      }),
      { numRuns: 8 },
    )
  }, 60_000)

  it('takes only lengths of time that make sense', async () => {
    for (const hours of [-1, 1.5, 169])
      await expect(setPersonWait(pool(), shop(), hours)).rejects.toThrow(RangeError)
  })
})

describe('a visitor who becomes known', () => {
  it('makes due what lacked just that', async () => {
    const [one, other] = [await keep(), await keep()]
    await put([one])
    await put([other], 'v1', 'no_person')
    await link('v1', null, 'a@example.com')
    expect(await settle('v1')).toEqual([lane()])
    expect([(await state(one)).state, (await state(other)).state]).toEqual(['pending', 'waiting'])
    expect(await settle('v1')).toEqual([])
    await link('v1', '7', null)
    expect(await settle('v1')).toEqual([lane()])
    expect((await state(other)).state).toBe('pending')
  })

  it('makes nothing of others due', async () => {
    const id = await keep('v2')
    await put([id], 'v2')
    await link('v1', null, 'a@example.com')
    expect(await settle('v1', 'v2')).toEqual([])
    expect((await state(id)).state).toBe('waiting')
  })
})

describe('the end of waiting', () => {
  it('comes to what is older than the shop waits, in every lane, and to nothing else', async () => {
    const old = [await keep('v1', 5), await keep('v2', 4)]
    const young = await keep('v1', 1)
    await put([...old, young])
    await keepDelivery(
      pool(),
      shop(),
      { vendor: 'other', state: 'waiting', reason: 'no_person' },
      { id: old[0] ?? '' },
    )
    expect(await end()).toBe(0)
    await setPersonWait(pool(), shop(), 3)
    expect(await end()).toBe(3)
    for (const id of old) expect(await state(id)).toMatchObject({ state: 'skipped', reason: 'no_email' })
    const other = await deliveryOf(pool(), shop(), old[0] ?? '', 'other')
    expect(other).toMatchObject({
      state: 'skipped',
      reason: 'no_person',
      message: 'No customer for this visitor.',
    })
    expect((await state(young)).state).toBe('waiting')
    expect(await end()).toBe(0)
  })

  it('comes in chunks', async () => {
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at)
       select $1, ('01930000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'tiny', 'waiting', 'no_email', '{}', now(), now(), now()
       from generate_series(1, 1100) n`,
      [shop()],
    )
    expect(await end()).toBe(1100)
    expect(new Set(await states())).toEqual(new Set(['skipped']))
  })
})
