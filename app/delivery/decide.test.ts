import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StoreEvent } from '../events/store-event.ts'
import { line, product, storeEvent } from '../vendors/testing.ts'
import type { Json } from '../vendors/vendor.ts'
import { decide, fingerprint } from './decide.ts'
import { eventId, tinyStep, tinyVendor } from './testing.ts'
import { deciding, due, remembered, second, sent, state } from './testing-decide.ts'

describe('what the pixel tells of a checkout', () => {
  const data = {
    checkout: {
      token: 't',
      cartToken: null,
      currency: 'EUR',
      total: '10.00',
      tax: null,
      shipping: null,
      discount: null,
      discountCodes: [],
      lines: [line()],
    },
  }
  const checkoutOf = (source: StoreEvent['source'], id: number) =>
    ({
      ...storeEvent('checkout_updated', data, { source }),
      id: eventId(id),
      subject: 'checkout:t',
      version: second(id),
    }) as StoreEvent

  it('is not sent even when a person asks for it again, and stands in the way of no other state', () => {
    const webhook = due(checkoutOf('webhook', 1))
    const pixel = due(checkoutOf('pixel', 2), { replayed: true })
    const decision = decide([webhook, pixel], deciding())
    expect(sent(decision)).toEqual([webhook.event.id])
    expect(decision.outcomes).toEqual(
      new Map([[pixel.event.id, expect.objectContaining({ state: 'skipped', reason: 'told_by_webhook' })]]),
    )
  })

  it('is told apart from what was derived of it', () => {
    const abandoned = storeEvent('checkout_abandoned', data, { source: 'pixel' })
    const actor = { ...abandoned.actor, consent: { analytics: true, marketing: true } }
    expect(sent(decide([due({ ...abandoned, actor })], deciding()))).toHaveLength(1)
  })
})

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

  it.each([
    ['analytics', true, null, 1],
    ['analytics', null, true, 0],
    ['marketing', null, true, 1],
    ['marketing', true, false, 0],
    ['analytics+marketing', true, null, 0],
    // What is no choice counts as none: never as "needs nothing".
    ['none', true, null, 0],
    ['', null, null, 0],
  ] as const)('is asked for by the shop’s choice, %j (%s, %s)', (chosen, analytics, marketing, count) => {
    const settings = { purposes: { product_viewed: chosen } }
    const decision = decide([view('storefront', analytics, marketing)], deciding({ settings }))
    expect(sent(decision)).toHaveLength(count)
  })

  it('names the purposes that the shop has chosen', () => {
    const delivery = view('storefront', true, null)
    const { outcomes } = decide(
      [delivery],
      deciding({ settings: { purposes: { product_viewed: 'marketing' } } }),
    )
    expect(outcomes.get(delivery.event.id)).toMatchObject({
      message: expect.stringMatching(/\(marketing\)$/),
    })
  })

  it('is still no question where the row needs none, whatever is chosen', () => {
    const search = storeEvent('search_submitted', { url: null, query: 'x' }, { source: 'storefront' })
    const settings = { purposes: { search_submitted: 'marketing' } }
    expect(sent(decide([due(search)], deciding({ settings })))).toHaveLength(1)
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
      message: 'A field that the tool requires is missing. (total)',
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
