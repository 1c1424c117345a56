/**
 * The conformance suite: what every vendor must keep, run as vitest tests from the vendor's declaration and
 * its `samples.ts`. Each failure message says what to mend.
 */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { describeAnnouncing } from './conformance-announcing.ts'
import { describePlanning, describeRows, describeSettings } from './conformance-planning.ts'
import { describeReading, describeTestAndForget } from './conformance-reading.ts'
import type { Json, Planned, Reading, ShopFacts, Vendor, VendorRequest } from './vendor.ts'

/** Settings as a form would submit them: parsed by the vendor's own schema before use. */
export type SettingsSample = { name: string; input: Record<string, unknown> }

/** Settings that must be refused, and the field that the refusal must name. */
export type RefusedSettings = SettingsSample & { field: string }

/** Events that must become exactly these requests, in this order: the vendor's documented samples. */
export type RequestSample = {
  /** Where the sample is documented; part of the test's name. */
  name: string
  settings: Record<string, unknown>
  /** Default: `SHOP` of testing.ts. */
  shop?: ShopFacts
  deliveries: readonly Planned[]
  requests: readonly VendorRequest[]
}

/** A documented answer and what it means for every delivery of the step it answers. */
export type AnswerSample = {
  name: string
  status: number
  body?: Json
  /** For answers that are not JSON; default: the body as JSON. */
  text?: string
  headers?: Record<string, string>
  /** Name of the step answered; default: the first step planned from the first settings. */
  step?: string
  kind: Reading['kind']
}

/** What a vendor's `samples.ts` exports as `samples`. */
export type VendorSamples<S = unknown> = {
  /** `new URL('.', import.meta.url)`: where setup.md is. */
  folder: URL
  /** Variants that together reach every branch of the mapping; the first is the plainest that works. */
  settings: readonly [SettingsSample, ...SettingsSample[]]
  refused: readonly RefusedSettings[]
  /** At least one complete event per row, each with its own event id. */
  deliveries: readonly Planned[]
  requests: readonly RequestSample[]
  answers: readonly AnswerSample[]
  /** The documented 200 body of the request that `test()` makes. */
  testBody: Json
  /** The documented rules (lengths, required fields, types) that a planned request breaks; empty when it keeps all. */
  check(request: VendorRequest, settings: S): readonly string[]
}

/** Shorter than this, setup.md cannot hold the steps that a merchant follows; in characters. */
const SETUP_LENGTH = 600

/**
 * Declares the tests of one vendor, for a `.test.ts` file to call at its top level.
 * @param vendor the declaration
 * @param samples what its `samples.ts` exports
 */
export function describeConformance<S>(vendor: Vendor<S>, samples: VendorSamples<S>): void {
  describe(`conformance of ${vendor.name}`, () => {
    it('has an id that can stand in addresses and keys', () => {
      expect(vendor.id).toMatch(/^[a-z][a-z0-9_-]*$/)
    })

    it('has a setup.md with steps', async () => {
      const setup = await readFile(new URL('setup.md', samples.folder), 'utf8')
      expect(setup.length, 'setup.md is too short to set anything up').toBeGreaterThan(SETUP_LENGTH)
      expect(setup, 'setup.md needs numbered steps').toMatch(/^1\. /m)
    })

    describeSettings(vendor, samples)
    describeRows(vendor, samples)
    describePlanning(vendor, samples)
    describeReading(vendor, samples)
    describeAnnouncing(vendor, samples)
    describeTestAndForget(vendor, samples)
  })
}
