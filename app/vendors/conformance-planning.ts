/** Conformance of a vendor's settings, rows, limits and plans. Part of conformance.ts. */
import { describe, expect, it } from 'vitest'
import type { StoreEvent } from '../events/store-event.ts'
import { EVENT_TYPES } from '../events/types.ts'
import type { VendorSamples } from './conformance.ts'
import { type EventCase, frozen, hostileCases, missingCases } from './conformance-cases.ts'
import { choiceOf, choosable, PURPOSE_CHOICES, PURPOSES, purposesOf } from './purposes.ts'
import { SKIP_REASONS } from './reasons.ts'
import { fieldsOf, keysOf } from './settings.ts'
import { planned, SHOP } from './testing.ts'
import type { Plan, Planned, Vendor, VendorRequest } from './vendor.ts'

/** One parsed settings variant and the secrets in it. */
export type Configured<S> = { name: string; settings: S; secrets: string[] }

/** The samples' settings, parsed; secrets are the values of the fields marked `secret`. */
export function configurations<S>(vendor: Vendor<S>, samples: VendorSamples<S>): Configured<S>[] {
  const secretNames = fieldsOf(vendor)
    .filter(field => field.secret)
    .map(field => field.name)
  return samples.settings.map(({ name, input }) => {
    const secrets = secretNames.map(field => input[field]).filter(value => typeof value === 'string')
    return { name, settings: vendor.settings.parse(input), secrets }
  })
}

/** The deliveries in batches as large as the runtime makes them. */
export function batches<S>(vendor: Vendor<S>, deliveries: readonly Planned[], settings: S): Planned[][] {
  const size = vendor.limits(settings).batch
  return Array.from({ length: Math.ceil(deliveries.length / size) }, (_, i) =>
    deliveries.slice(i * size, (i + 1) * size),
  )
}

/** What is wrong with a request whatever the vendor: address, headers, body, secrets outside the headers. */
export function requestFaults(request: VendorRequest, secrets: readonly string[]): string[] {
  const faults: string[] = []
  const body = request.body === undefined ? '' : JSON.stringify(request.body)
  if (!URL.canParse(request.url) || new URL(request.url).protocol !== 'https:')
    faults.push(`url is not an https address: ${request.url}`)
  try {
    new Headers(request.headers)
  } catch {
    faults.push(
      'a header holds characters that HTTP does not allow: validate settings and encode event values',
    )
  }
  if (request.body !== undefined) {
    const type = new Map(Object.entries(request.headers).map(([k, v]) => [k.toLowerCase(), v])).get(
      'content-type',
    )
    if (!type?.startsWith('application/json'))
      faults.push('a body needs the header Content-Type: application/json')
    expect(JSON.parse(body), 'the body must survive JSON: no undefined, NaN or Infinity in it').toStrictEqual(
      request.body,
    )
  }
  for (const secret of secrets) {
    const escaped = encodeURIComponent(secret)
    if (request.url.includes(secret) || request.url.includes(escaped))
      faults.push('a secret is in the url: send it in a header')
    if (body.includes(secret)) faults.push('a secret is in the body: send it in a header')
  }
  return faults
}

/** What is wrong with the accounting of a plan whatever the vendor. `batch`: the largest step allowed. */
export function planFaults(plan: Plan, deliveries: readonly Planned[], batch: number): string[] {
  const faults: string[] = []
  const ids = new Set(deliveries.map(d => d.event.id))
  const carried = plan.steps.flatMap(step =>
    step.deliveries.map(id => ({ id, key: `${step.name} of ${id}` })),
  )
  const skipped = plan.skips.map(skip => skip.delivery)
  for (const id of ids) {
    const times = skipped.filter(s => s === id).length
    const inSteps = carried.some(c => c.id === id)
    if (times > 1) faults.push(`${id} is skipped ${times} times: once is enough`)
    if (times > 0 && inSteps) faults.push(`${id} is both skipped and sent: decide for one`)
    if (times === 0 && !inSteps)
      faults.push(`${id} is neither in a step nor skipped: add a skip with its reason`)
  }
  for (const id of [...skipped, ...carried.map(c => c.id)])
    if (!ids.has(id)) faults.push(`${id} was not among the deliveries`)
  if (new Set(carried.map(c => c.key)).size !== carried.length)
    faults.push('a delivery is twice in steps of one name: name each step by what it is')
  for (const step of plan.steps) {
    if (step.deliveries.length > batch)
      faults.push(
        `step ${step.name} carries ${step.deliveries.length} deliveries, limits().batch is ${batch}`,
      )
    if (step.deliveries.length === 0) faults.push(`step ${step.name} carries nothing: leave it out`)
  }
  for (const skip of plan.skips) {
    if (!Object.hasOwn(SKIP_REASONS, skip.reason))
      faults.push(`skip reason ${skip.reason} is not in SKIP_REASONS`)
    if (skip.detail?.includes('@'))
      faults.push(`the detail of skip ${skip.reason} looks personal: name the field, not its value`)
  }
  return faults
}

export function describeSettings<S>(vendor: Vendor<S>, samples: VendorSamples<S>): void {
  describe('settings', () => {
    it('have a label each, and mark what is secret', () => {
      for (const field of fieldsOf(vendor)) {
        const sounds = /key|token|secret|password/i.test(field.name)
        expect(
          field.secret ?? !sounds,
          `setting ${field.name} sounds like a credential: add secret: true to its meta`,
        ).toBe(true)
      }
    })

    it.each(samples.settings)('accept $name, and their own parsed form again', ({ input }) => {
      const parsed = vendor.settings.parse(input)
      const again = vendor.settings.parse(JSON.parse(JSON.stringify(parsed)))
      expect(
        again,
        'stored settings are parsed again before use: parsing must accept its own output unchanged',
      ).toEqual(parsed)
    })

    it.each(samples.refused)('refuse $name and name the field $field', ({ input, field }) => {
      const result = vendor.settings.safeParse(input)
      expect(result.success, 'these settings were accepted: tighten the schema').toBe(false)
      const named = result.error?.issues.map(issue => String(issue.path[0]))
      expect(named, 'the refusal must name the field: set the path of the issue').toContain(field)
    })
  })
}

export function describeRows<S>(vendor: Vendor<S>, samples: VendorSamples<S>): void {
  const configured = configurations(vendor, samples)
  describe('rows and limits', () => {
    it('have a sample event for every row, wanted with some settings', () => {
      for (const type of EVENT_TYPES.filter(type => vendor.rows[type])) {
        const events = samples.deliveries.map(d => d.event).filter(event => event.type === type)
        const wanted = events.some(event => configured.some(c => vendor.wants(event, c.settings) === 'yes'))
        expect(wanted, `row ${type}: add a sample delivery, and settings with which wants() says yes`).toBe(
          true,
        )
      }
    })

    it('want nothing that has no row', () => {
      const [sample] = samples.deliveries
      for (const type of EVENT_TYPES.filter(type => !vendor.rows[type])) {
        const event = { ...sample?.event, type } as StoreEvent
        for (const { settings } of configured)
          expect(vendor.wants(event, settings), `${type} has no row`).toBe('no')
      }
    })

    it('send nothing that the merchant switched off', () => {
      const [{ input }] = samples.settings
      for (const { event } of samples.deliveries) {
        const settings = vendor.settings.parse({ ...input, rows: { [event.type]: false } })
        expect(vendor.wants(event, settings), `${event.type} is switched off in settings.rows`).not.toBe(
          'yes',
        )
      }
    })

    it('let a shop choose its purposes where consent counts', () => {
      const types = choosable(vendor.rows)
      expect(
        keysOf(vendor, PURPOSES).sort(),
        'set purposes: purposesSetting(rows) in the settings, or declare no purposes',
      ).toEqual(types.sort())
      const [{ input }] = samples.settings
      for (const type of types)
        for (const choice of PURPOSE_CHOICES) {
          const settings = vendor.settings.parse({ ...input, [PURPOSES]: { [type]: choice } })
          expect(choiceOf(purposesOf(vendor, settings, type)), `the choice ${choice} is lost`).toBe(choice)
        }
    })

    it.each(configured)('declare positive limits with $name', ({ settings }) => {
      const { limits, batch, concurrency } = vendor.limits(settings)
      const numbers = [batch, concurrency, ...limits.flatMap(limit => [limit.requests, limit.windowSeconds])]
      expect(limits.length, 'declare at least one limit').toBeGreaterThan(0)
      for (const n of numbers)
        expect(Number.isInteger(n) && n > 0, `${n} is not a positive whole number`).toBe(true)
    })
  })
}

export function describePlanning<S>(vendor: Vendor<S>, samples: VendorSamples<S>): void {
  const configured = configurations(vendor, samples)
  const plan = (deliveries: readonly Planned[], settings: S, shop = SHOP): Plan =>
    vendor.plan(deliveries, settings, shop)

  const expectSound = (
    deliveries: readonly Planned[],
    { settings, secrets }: Configured<S>,
    name: string,
  ): void => {
    const made = plan(deliveries, settings)
    const faults = planFaults(made, deliveries, vendor.limits(settings).batch)
    for (const { request } of made.steps)
      faults.push(...requestFaults(request, secrets), ...samples.check(request, settings))
    expect(faults, name).toEqual([])
  }

  const expectAllSound = (cases: EventCase[], configuration: Configured<S>): void => {
    for (const { name, event } of cases) {
      const state = vendor.stateOf(event, configuration.settings)
      expect(state === null || state.length > 0, `${name}: stateOf must be null or a name`).toBe(true)
      expectSound([planned(event)], configuration, name)
    }
  }

  describe('plans', () => {
    it('have sample deliveries with event ids of their own', () => {
      const ids = samples.deliveries.map(d => d.event.id)
      expect(new Set(ids).size, 'give every sample event its own id').toBe(ids.length)
    })

    it.each(samples.requests)('reproduce the documented sample: $name', sample => {
      const made = plan(sample.deliveries, vendor.settings.parse(sample.settings), sample.shop)
      expect(made.skips, 'a documented sample was skipped').toEqual([])
      expect(made.steps.map(step => step.request)).toStrictEqual(sample.requests)
    })
    it.each(configured)('account for every delivery of a batch with $name', configuration => {
      for (const batch of batches(vendor, samples.deliveries, configuration.settings))
        expectSound(batch, configuration, 'a full batch')
      for (const one of samples.deliveries) expectSound([one], configuration, one.event.type)
    })

    it.each(configured)('do not plan finished steps again with $name', ({ settings }) => {
      for (const one of samples.deliveries) {
        const names = plan([one], settings).steps.map(step => step.name)
        for (const name of names) {
          const left = plan([{ ...one, done: [name] }], settings).steps.map(step => step.name)
          expect(left, `${one.event.type}: step ${name} is in done`).not.toContain(name)
        }
      }
    })

    it.each(configured)('are pure with $name', ({ settings }) => {
      const batch = batches(vendor, samples.deliveries, settings)[0] ?? []
      const first = plan(frozen(structuredClone(batch)), frozen(structuredClone(settings)))
      expect(
        plan(batch, settings),
        'the same deliveries planned twice must give the same plan',
      ).toStrictEqual(first)
    })

    it.each(configured)(
      'stand missing fields with $name',
      configuration => {
        expectAllSound(
          samples.deliveries.flatMap(d => missingCases(d.event)),
          configuration,
        )
      },
      60_000,
    )

    it.each(configured)(
      'stand hostile texts with $name',
      configuration => {
        expectAllSound(
          samples.deliveries.flatMap(d => hostileCases(d.event)),
          configuration,
        )
      },
      60_000,
    )
  })
}
