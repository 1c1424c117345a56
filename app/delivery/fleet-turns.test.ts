/** Fleet actions that may not begin, and those that are stopped and resumed. */
import { describe, expect, it } from 'vitest'
import { fleetAction, fleetActions, resumeFleet, stopFleet } from './fleet.ts'
import { ALL_SHOPS } from './fleet-filter.ts'
import { eventId } from './testing.ts'
import { BY, fleetTools, OUTAGE } from './testing-fleet.ts'

const { audit, begin, holds, rows, shops, step } = fleetTools()
const { pool } = shops

describe('an action is refused', () => {
  it('while another of its vendor runs, also when it would only go on', async () => {
    const first = await begin()
    await expect(begin()).rejects.toMatchObject({ why: 'running' })
    await stopFleet(pool(), BY, first)
    const second = await begin()
    await expect(resumeFleet(pool(), BY, first)).rejects.toMatchObject({ why: 'running' })
    expect((await fleetAction(pool(), second))?.state).toBe('running')
  })

  it.each([
    ['without a shop to change', { filter: { ...ALL_SHOPS, shops: 'nobody' } }, 'nobody'],
    ['without a reason', { reason: '  ' }, 'reason'],
    ['with an end that is over', { until: new Date(0) }, 'until'],
    ['with an end of a release', { kind: 'release' as const, until: new Date(Date.now() + 60_000) }, 'until'],
  ])('%s, and nothing is written', async (_, over, why) => {
    await expect(begin(over)).rejects.toMatchObject({ why })
    expect(await rows('select id from fleet_actions')).toEqual([])
    expect(await audit()).toEqual([])
  })
})

describe('an action that is stopped', () => {
  it('takes no step until it is resumed, and the audit has both', async () => {
    const id = await begin()
    expect(await stopFleet(pool(), BY, id)).toBe(true)
    expect(await step(id)).toBe(false)
    expect(await holds()).toEqual([null, null])
    expect(await stopFleet(pool(), BY, id)).toBe(false)
    expect(await resumeFleet(pool(), BY, id)).toBe(true)
    expect(await resumeFleet(pool(), BY, id)).toBe(false)
    while (await step(id));
    expect(await holds()).toEqual([OUTAGE, OUTAGE])
    expect((await audit()).map(({ action }) => action)).toEqual([
      'fleet_hold',
      'fleet_stop',
      'fleet_resume',
      'hold',
      'hold',
    ])
  })

  it('goes on in the name of who resumed it, and the audit keeps who began it', async () => {
    const id = await begin()
    await stopFleet(pool(), BY, id)
    const other = { actor: 'second@example.com', role: 'admin', address: '192.0.2.8' } as const
    await resumeFleet(pool(), other, id)
    while (await step(id));
    const entries = await audit()
    expect(entries.filter(({ action }) => action === 'hold')).toMatchObject([other, other])
    expect(entries).toMatchObject([
      { ...BY, action: 'fleet_hold' },
      { ...BY, before: { state: 'running', shops: 0 }, after: { state: 'stopped', shops: 0 } },
      { ...other, before: { actor: BY.actor }, after: { actor: other.actor } },
      {},
      {},
    ])
    expect(entries[1]).not.toHaveProperty('before.actor')
    expect(await fleetAction(pool(), id)).toMatchObject({ actor: other.actor, role: 'admin' })
  })

  it('keeps apart who began it, who stopped it and who resumed it', async () => {
    const id = await begin()
    await stopFleet(pool(), { ...BY, actor: 'second@example.com' }, id)
    await resumeFleet(pool(), { ...BY, actor: 'third@example.com' }, id)
    const told = {
      ...{ actor: 'third@example.com', begunBy: BY.actor },
      turns: [
        { what: 'stopped', at: expect.any(Date), actor: 'second@example.com' },
        { what: 'resumed', at: expect.any(Date), actor: 'third@example.com' },
      ],
    }
    expect(await fleetAction(pool(), id)).toMatchObject(told)
    expect(await fleetActions(pool(), 50)).toMatchObject([told])
  })

  it('does not go on once its hold would have ended', async () => {
    const id = await begin({ until: new Date(Date.now() + 3_600_000) })
    await stopFleet(pool(), BY, id)
    await pool().query("update fleet_actions set until = now() - interval '1 second'")
    await expect(resumeFleet(pool(), BY, id)).rejects.toMatchObject({ why: 'until' })
    expect(await fleetAction(pool(), id)).toMatchObject({ state: 'stopped', actor: BY.actor })
    expect(await step(id)).toBe(false)
    expect(await holds()).toEqual([null, null])
  })

  it('that nobody knows is none', async () => {
    expect(await stopFleet(pool(), BY, eventId(1))).toBe(false)
    expect(await fleetAction(pool(), eventId(1))).toBeNull()
    expect(await fleetAction(pool(), 'nothing')).toBeNull()
    expect(await step(eventId(1))).toBe(false)
  })
})
