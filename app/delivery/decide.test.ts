import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StoreEvent } from '../events/store-event.ts'
import { orderEvent, product, SHOP, storeEvent } from '../vendors/testing.ts'
import type { Json } from '../vendors/vendor.ts'
import { type Deciding, type Due, decide, fingerprint, type Remembered } from './decide.ts'
import { eventId, tinyStep, tinyVendor } from './testing.ts'

const second = (n: number) => new Date(Date.parse('2026-11-20T12:00:00Z') + n * 1000).toISOString()

/** State number `n` of an order, received as event `id`. */
const state = (n: number, id = n, subject = 'order:1'): StoreEvent =>
  ({ ...orderEvent('order_updated'), id: eventId(id), subject, version: second(n) }) as StoreEvent

const due = (event: StoreEvent, over: Partial<Due> = {}): Due => ({
  event,
  attempts: 0,
  done: [],
  triggeredAt: null,
  since: new Date(),
  replayed: false,
  ...over,
})

const deciding = (over: Partial<Deciding> = {}): Deciding => ({
  vendor: tinyVendor(),
  settings: {},
  shop: SHOP,
  now: new Date(),
  memories: new Map(),
  ...over,
})

const remembered = (event: StoreEvent, over: Partial<Remembered> = {}) =>
  new Map<string, Remembered>([
    [
      event.subject ?? '',
      {
        version: event.version,
        fingerprint: fingerprint(tinyStep(event).request.body),
        eventId: event.id,
        triggeredAt: null,
        ...over,
      },
    ],
  ])

const sent = ({ steps }: ReturnType<typeof decide>) => steps.flatMap(step => step.deliveries)

describe('consent', () => {
  const view = (source: StoreEvent['source'], analytics: boolean | null, marketing: boolean | null) => {
    const event = storeEvent('product_viewed', { url: null, product: product() }, { source })
    return due({ ...event, actor: { ...event.actor, consent: { analytics, marketing } } })
  }

  it.each(['storefront', 'pixel'] as const)('lets a view of the %s out with every purpose', source => {
    expect(sent(decide([view(source, true, true)], deciding()))).toHaveLength(1)
  })

  it.each([
    ['storefront', true, null, 'marketing'],
    ['storefront', false, true, 'analytics'],
    ['pixel', null, null, 'analytics, marketing'],
  ] as const)('keeps a view of the %s in without one (%s, %s)', (source, analytics, marketing, named) => {
    const delivery = view(source, analytics, marketing)
    const { steps, outcomes } = decide([delivery], deciding())
    expect(steps).toEqual([])
    expect(outcomes.get(delivery.event.id)).toMatchObject({
      state: 'skipped',
      reason: 'no_consent',
      message: expect.stringContaining(`(${named})`),
    })
  })

  it('known to be refused keeps in what a webhook told, too', () => {
    expect(sent(decide([view('webhook', true, false)], deciding()))).toEqual([])
  })

  it.each(['webhook', 'import'] as const)('is no question for what a %s told', source => {
    expect(sent(decide([view(source, null, null)], deciding()))).toHaveLength(1)
  })

  it('refused for the newest state holds for the older ones too', () => {
    const vendor = tinyVendor({
      rows: { order_updated: { becomes: 'order', byDefault: true, purposes: ['analytics'] } },
    })
    const seen = {
      ...state(2),
      source: 'storefront',
      actor: view('storefront', false, false).event.actor,
    } as StoreEvent
    const { steps, outcomes } = decide([due(state(1)), due(seen)], deciding({ vendor }))
    expect(steps).toEqual([])
    expect(outcomes.get(eventId(2))).toMatchObject({ reason: 'no_consent' })
    expect(outcomes.get(eventId(1))).toMatchObject({ reason: 'superseded' })
  })
})

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

describe('unchanged', () => {
  it('is what the vendor already has exactly', () => {
    const { steps, outcomes } = decide([due(state(1))], deciding({ memories: remembered(state(1)) }))
    expect(steps).toEqual([])
    expect(outcomes.get(eventId(1))).toMatchObject({ state: 'skipped', reason: 'unchanged' })
  })

  it('is sent again when a person asked for it', () => {
    const decision = decide([due(state(1), { replayed: true })], deciding({ memories: remembered(state(1)) }))
    expect(sent(decision)).toEqual([eventId(1)])
  })

  it('does not bring back, by a replay, what a newer state has replaced', () => {
    const decision = decide([due(state(1), { replayed: true })], deciding({ memories: remembered(state(2)) }))
    expect(sent(decision)).toEqual([])
  })

  it('leaves the other steps of a delivery', () => {
    const two = tinyVendor({
      plan: list => ({
        steps: list.flatMap(({ event }) => {
          const { leaves: _leaves, ...other } = tinyStep(event, 'other')
          return [tinyStep(event), other]
        }),
        skips: [],
      }),
    })
    const { steps, outcomes } = decide(
      [due(state(1))],
      deciding({ vendor: two, memories: remembered(state(1)) }),
    )
    expect(steps.map(step => step.name)).toEqual(['other'])
    expect(outcomes.size).toBe(0)
  })

  it('is not said of a delivery of which an earlier attempt did a part', () => {
    const half = due(state(1), { done: ['first'] })
    const { steps, outcomes } = decide([half], deciding({ memories: remembered(state(1)) }))
    expect(steps).toEqual([])
    expect(outcomes.size).toBe(0)
  })
})

describe("the vendor's plan", () => {
  it('gets batches no larger than the vendor takes, with what is done, learned and remembered', () => {
    const seen: unknown[][] = []
    const vendor = tinyVendor({
      plan: list => {
        seen.push(list.map(({ event, done, learned, memory }) => [event.id, done, learned, memory?.version]))
        return { steps: [], skips: [] }
      },
    })
    const list = [1, 2, 3].map(n => due(state(n, n, `order:${n}`), { done: n === 2 ? ['a'] : [] }))
    decide(
      list,
      deciding({ vendor, learned: new Map([[eventId(3), ['fact']]]), memories: remembered(state(1)) }),
    )
    expect(seen).toEqual([
      [
        [eventId(1), [], [], second(1)],
        [eventId(2), ['a'], [], undefined],
      ],
      [[eventId(3), [], ['fact'], undefined]],
    ])
  })

  it('reports a skip with what it concerns', () => {
    const vendor = tinyVendor({
      plan: ([one]) => ({
        steps: [],
        skips: [{ delivery: one?.event.id ?? '', reason: 'missing_field', detail: 'total' }],
      }),
    })
    expect(decide([due(state(1))], deciding({ vendor })).outcomes.get(eventId(1))).toMatchObject({
      reason: 'missing_field',
      message: 'A field that the vendor requires is missing. (total)',
    })
  })

  it('that throws for one event of a batch condemns that one alone, without its words', () => {
    const vendor = tinyVendor({
      plan: list => {
        if (list.some(({ event }) => event.id === eventId(2))) throw new RangeError('shopper@example.com')
        return { steps: list.map(({ event }) => tinyStep(event)), skips: [] }
      },
    })
    const list = [1, 2, 3, 4].map(n => due(state(n, n, `order:${n}`)))
    const decision = decide(list, deciding({ vendor }))
    expect(sent(decision)).toEqual([1, 3, 4].map(eventId))
    expect(decision.outcomes.get(eventId(2))).toMatchObject({ state: 'dead', reason: 'not_plannable' })
    expect(JSON.stringify([...decision.outcomes])).not.toContain('shopper')
  })
})

describe('fingerprint', () => {
  it('is the same whatever the order of keys, and of nothing for no body', () => {
    expect(fingerprint({ a: 1, b: { c: [1, 2], d: null } })).toBe(
      fingerprint({ b: { d: null, c: [1, 2] }, a: 1 }),
    )
    expect(fingerprint(undefined)).toBe(fingerprint(null))
  })

  it('tells different JSON apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const [x, y] = [JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))] as [Json, Json]
        const reversed = (value: Json): Json =>
          value !== null && typeof value === 'object' && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).reverse())
            : value
        expect(fingerprint(reversed(x))).toBe(fingerprint(x))
        if (fingerprint(x) === fingerprint(y)) expect(x).toEqual(y)
      }),
    )
  })
})
