import { describe, expect, it } from 'vitest'
import type { Made } from '../delivery/preview.ts'
import { sampleOf } from '../events/samples.ts'
import { isType, type StoreEvent } from '../events/store-event.ts'
import type { Json } from '../vendors/vendor.ts'
import { tracesOf } from './field-trace.ts'

const OPTIONS = {
  at: '2026-11-20T12:00:00.000Z',
  currency: 'EUR',
  storefrontUrl: 'https://lantern.example.com',
}
const sample = sampleOf('order_created', OPTIONS)

/** Plans one request with the body that is given. */
const sending =
  (body: (event: StoreEvent) => Json, url = (_: StoreEvent) => 'https://tool.example.com/') =>
  (event: StoreEvent): Made => ({
    kind: 'sent',
    steps: [
      {
        name: 'event',
        deliveries: [event.id],
        request: { method: 'POST', url: url(event), headers: {}, body: body(event) },
      },
    ],
  })
const tracing = (
  plan: (event: StoreEvent) => Made,
  variants: { setting: string; label: string; plan: typeof plan }[] = [],
) => ({
  plan,
  variants,
  fillers: [sample],
})
const traceOf = (field: string, plan: (event: StoreEvent) => Made, event: StoreEvent = sample) =>
  tracesOf(event, tracing(plan)).find(trace => trace.field === field)

describe('a field', () => {
  it('is found where it stands, as deep as it stands', () => {
    const plan = sending(({ actor }) => ({ contact: { email: actor.email, list: [{ of: actor.email }] } }))
    expect(traceOf('actor.email', plan)).toMatchObject({
      known: true,
      goes: ['contact.email', 'contact.list[].of'],
      decides: false,
    })
  })

  it('is found in JSON inside a text, and in the address', () => {
    const plan = sending(
      ({ actor }) => ({ value: JSON.stringify({ mail: actor.email }) }),
      ({ actor }) => `https://tool.example.com/${actor.customerId}`,
    )
    expect(traceOf('actor.email', plan)?.goes).toEqual(['value.mail'])
    expect(traceOf('actor.customerId', plan)?.goes).toEqual([''])
  })

  it('that goes nowhere says so', () => {
    expect(
      traceOf(
        'actor.phone',
        sending(() => ({})),
      ),
    ).toEqual({
      field: 'actor.phone',
      known: true,
      goes: [],
      decides: false,
      needed: null,
      standsInFor: [],
      elsewhere: [],
    })
  })

  it('that is not known tells where it would go', () => {
    const event = { ...sample, actor: { ...sample.actor, phone: null } }
    const plan = sending(({ actor }) => ({ phone: actor.phone }))
    expect(traceOf('actor.phone', plan, event)).toMatchObject({ known: false, goes: ['phone'] })
  })

  it('without which nothing is sent is needed, for that reason', () => {
    const plan = (event: StoreEvent): Made =>
      event.actor.email ? sending(() => ({}))(event) : { kind: 'skipped', reason: 'no_email', message: 'No.' }
    expect(traceOf('actor.email', plan)?.needed).toBe('no_email')
    expect(traceOf('actor.phone', plan)?.needed).toBeNull()
  })

  it('that decides whether anything is sent says so', () => {
    const plan = (event: StoreEvent): Made =>
      isType(event, 'order_created') && event.data.order?.test
        ? { kind: 'skipped', reason: 'test_order', message: 'No.' }
        : sending(() => ({}))(event)
    expect(traceOf('order.test', plan)).toMatchObject({ goes: [], decides: true })
  })

  it('that stands in for another names it', () => {
    const plan = sending(({ actor }) => ({ who: actor.email ?? actor.phone }))
    expect(traceOf('actor.phone', plan)?.standsInFor).toEqual(['actor.email'])
    expect(traceOf('actor.lastName', plan)?.standsInFor).toEqual([])
  })

  it('that another setting would send names the setting', () => {
    const other = {
      setting: 'phones',
      label: 'Send phones',
      plan: sending(({ actor }) => ({ phone: actor.phone })),
    }
    const traces = tracesOf(
      sample,
      tracing(
        sending(() => ({})),
        [other],
      ),
    )
    const elsewhere = traces.filter(trace => trace.elsewhere.length > 0)
    expect(elsewhere.map(({ field, elsewhere: settings }) => [field, settings])).toEqual([
      ['actor.phone', [{ setting: 'phones', label: 'Send phones' }]],
    ])
  })

  it('of a thing in a list is told once', () => {
    const names = tracesOf(sample, tracing(sending(() => ({})))).map(({ field }) => field)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('order.lines.product.title')
    expect(names.filter(name => /\d|^id$|dedupe|subject/.test(name))).toEqual([])
  })
})

describe('an event of which nothing is sent', () => {
  it('has no fields to tell of', () => {
    expect(
      tracesOf(
        sample,
        tracing(() => ({ kind: 'unwanted', switchedOff: true })),
      ),
    ).toEqual([])
  })
})
