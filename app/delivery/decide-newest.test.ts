import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StoreEvent } from '../events/store-event.ts'
import { storeEvent } from '../vendors/testing.ts'
import { decide } from './decide.ts'
import { eventId, tinyStep, tinyVendor } from './testing.ts'
import { deciding, due, remembered, second, sent, state } from './testing-decide.ts'

describe('newest state', () => {
  it('is the only one planned, whatever the order of arrival', () => {
    const states = fc.uniqueArray(fc.record({ n: fc.integer({ min: 0, max: 3 }), id: fc.nat(999) }), {
      minLength: 1,
      maxLength: 8,
      selector: ({ id }) => id,
    })
    fc.assert(
      fc.property(states, list => {
        const decision = decide(
          list.map(({ n, id }) => due(state(n, id))),
          deciding(),
        )
        const newest = [...list].sort((a, b) => a.n - b.n || a.id - b.id).at(-1)
        expect(sent(decision)).toEqual([eventId(newest?.id ?? -1)])
        expect([...decision.outcomes.values()].map(outcome => outcome.state)).toEqual(
          list.slice(1).map(() => 'skipped'),
        )
      }),
    )
  })

  it('that cannot be sent leaves the place to the next that can', () => {
    const vendor = tinyVendor({
      plan: list => ({
        steps: list.flatMap(({ event }) => (event.id === eventId(3) ? [] : [tinyStep(event)])),
        skips: list.flatMap(({ event }) =>
          event.id === eventId(3) ? [{ delivery: event.id, reason: 'no_email' as const }] : [],
        ),
      }),
    })
    const { steps, outcomes } = decide(
      [1, 2, 3].map(n => due(state(n))),
      deciding({ vendor }),
    )
    expect(steps.flatMap(step => step.deliveries)).toEqual([eventId(2)])
    expect(outcomes.get(eventId(3))).toMatchObject({ reason: 'no_email' })
    expect(outcomes.get(eventId(1))).toMatchObject({ reason: 'superseded' })
  })

  it('that is a verdict, such as a consent withdrawn, does not leave its place to an older one', () => {
    const vendor = tinyVendor({
      plan: list => ({
        steps: list.flatMap(({ event }) => (event.id === eventId(2) ? [] : [tinyStep(event)])),
        skips: list.flatMap(({ event }) =>
          event.id === eventId(2) ? [{ delivery: event.id, reason: 'no_marketing_consent' as const }] : [],
        ),
      }),
    })
    const { steps, outcomes } = decide([due(state(1)), due(state(2))], deciding({ vendor }))
    expect(steps).toEqual([])
    expect(outcomes.get(eventId(1))).toMatchObject({ reason: 'superseded' })
  })

  it('leaves nothing of an older one to do whose own state was never sent', () => {
    const three = tinyVendor({
      plan: list => ({
        steps: list.flatMap(({ event, done }) => {
          const contact = { name: 'contact', deliveries: [event.id], request: tinyStep(event).request }
          const clear = { ...tinyStep(event, 'clear'), leaves: { subject: 'cart:1', version: event.version } }
          return [contact, tinyStep(event), clear].filter(step => !done.includes(step.name))
        }),
        skips: [],
      }),
    })
    const begun = due(state(1), { done: ['contact'] })
    const { steps, outcomes } = decide([begun, due(state(2))], deciding({ vendor: three }))
    expect(steps.flatMap(step => step.deliveries)).not.toContain(eventId(1))
    expect(outcomes.get(eventId(1))).toMatchObject({ reason: 'superseded' })
  })

  it('of one second is the one that Shopify noticed later, whenever it came', () => {
    const at = (ms: number) => new Date(Date.parse('2026-11-20T12:00:00Z') + ms)
    const early = due(state(5, 21), { triggeredAt: at(100) })
    const late = due(state(5, 20), { triggeredAt: at(900) })
    expect(sent(decide([early, late], deciding()))).toEqual([eventId(20)])
    const memories = remembered(state(5, 20), { triggeredAt: at(900), fingerprint: '' })
    expect(sent(decide([early], deciding({ memories })))).toEqual([])
  })

  it('takes the place of an older one, but not of what that has left to do beside its state', () => {
    const both = tinyVendor({
      plan: list => ({
        steps: list.flatMap(({ event, done }) => {
          const clear = { ...tinyStep(event, 'clear'), leaves: { subject: 'cart:1', version: event.version } }
          return [tinyStep(event), clear].filter(step => !done.includes(step.name))
        }),
        skips: [],
      }),
    })
    const begun = due(state(1), { done: ['event'] })
    const { steps } = decide([begun, due(state(2))], deciding({ vendor: both }))
    expect(steps.map(({ name, deliveries }) => [name, ...deliveries])).toContainEqual(['event', eventId(2)])
    const alone = decide([begun], deciding({ vendor: both, memories: remembered(state(2)) }))
    expect(alone.steps.map(({ name, deliveries }) => [name, ...deliveries])).toEqual([['clear', eventId(1)]])
  })

  it('of another subject is not overwritten by a step that is older than what the vendor has of it', () => {
    const clear = tinyVendor({
      plan: list => ({
        steps: list.map(({ event }) => ({
          ...tinyStep(event),
          leaves: { subject: 'cart:1', version: event.version },
        })),
        skips: [],
      }),
    })
    const memories = new Map([
      ['cart:1', { version: second(9), fingerprint: '', eventId: eventId(9), triggeredAt: null }],
    ])
    const { steps, outcomes } = decide([due(state(1))], deciding({ vendor: clear, memories }))
    expect(steps).toEqual([])
    expect(outcomes.get(eventId(1))).toMatchObject({ reason: 'superseded' })
  })

  it('is found for each subject by itself, and events without one stand alone', () => {
    const view = () => storeEvent('search_submitted', { url: null, query: 'x' }, { source: 'webhook' })
    const alone = [10, 11].map(n => due({ ...view(), id: eventId(n) }))
    const decision = decide([due(state(1)), due(state(1, 2, 'order:2')), ...alone], deciding())
    expect(sent(decision)).toEqual([1, 2, 10, 11].map(eventId))
  })

  it('is what the vendor has: an older one is superseded', () => {
    const { steps, outcomes } = decide([due(state(1))], deciding({ memories: remembered(state(2)) }))
    expect(steps).toEqual([])
    expect(outcomes.get(eventId(1))).toMatchObject({ state: 'skipped', reason: 'superseded' })
  })

  it('of one second is the one received later, also against what the vendor has', () => {
    const memories = remembered(state(5, 20))
    const changed = tinyVendor({
      plan: list => ({
        steps: list.map(({ event }) => ({
          ...tinyStep(event),
          request: { ...tinyStep(event).request, body: event.id },
        })),
        skips: [],
      }),
    })
    expect(sent(decide([due(state(5, 21))], deciding({ vendor: changed, memories })))).toEqual([eventId(21)])
    expect(sent(decide([due(state(5, 19))], deciding({ vendor: changed, memories })))).toEqual([])
  })

  it('goes out when the version of either is not known', () => {
    const unversioned = { ...state(1), version: null } as StoreEvent
    expect(sent(decide([due(unversioned)], deciding({ memories: remembered(state(2)) })))).toHaveLength(1)
    const memories = remembered(state(2), { version: null, fingerprint: 'other' })
    expect(sent(decide([due(state(1))], deciding({ memories })))).toHaveLength(1)
  })
})
