/** Conformance of what a vendor reads from the headers of its answers about its limits. Part of conformance.ts. */
import { describe, expect, it } from 'vitest'
import type { VendorSamples } from './conformance.ts'
import { frozen } from './conformance-cases.ts'
import { configurations } from './conformance-planning.ts'
import { answer } from './testing.ts'
import type { Announcement, Limit, Vendor } from './vendor.ts'

/** Names under which limits are announced here and there. */
const NAMES = ['limit', 'remaining', 'reset', 'retry', 'type'].flatMap(word => [
  `x-ratelimit-${word}`,
  `x-rate-limit-${word}`,
])
/** What a header may hold, by a mistake or by malice. */
const VALUES = [
  '',
  ' ',
  '0',
  '-1',
  '3.5',
  '1e9',
  'NaN',
  'Infinity',
  '0x10',
  '7, 7',
  'soon',
  'null',
  '9'.repeat(400),
  '999999999',
  '2026-11-20T12:00:30.000Z',
  '2026-99-99T00:00:00Z',
  '+999999-01-01T00:00:00Z',
  '1795176030',
  '\u0000',
  'api_calls',
  'api_calls_cycle',
]
const LARGEST = 1_000_000_000

/** What is wrong with an announcement whatever the vendor. */
export function announcementFaults(said: Announcement | null, limits: readonly Limit[]): string[] {
  if (said === null) return []
  const faults: string[] = []
  for (const name of ['limit', 'remaining'] as const) {
    const count = said[name]
    if (count !== undefined && !(Number.isInteger(count) && count >= 0 && count < LARGEST))
      faults.push(`${name} ${count} is no whole number from 0: read headers by countIn()`)
  }
  if (said.resetAt && Number.isNaN(said.resetAt.getTime())) faults.push('resetAt is not a time')
  if (said.scope && !limits.some(({ scope }) => scope === said.scope))
    faults.push(`no limit of the scope ${said.scope} is declared`)
  return faults
}

export function describeAnnouncing<S>(vendor: Vendor<S>, samples: VendorSamples<S>): void {
  describe('announcements', () => {
    it.each(configurations(vendor, samples))('are sound whatever headers hold with $name', ({ settings }) => {
      const { limits } = vendor.limits(settings)
      for (const status of [200, 429, 503]) {
        for (const value of VALUES) {
          const each = NAMES.map(name => ({ [name]: value }))
          const all = Object.fromEntries(NAMES.map(name => [name, value]))
          for (const headers of [{}, ...each, all]) {
            const given = frozen(answer(status, { error: { code: value } }, headers))
            const said = vendor.announces?.(given, settings) ?? null
            expect(announcementFaults(said, limits), JSON.stringify(headers)).toEqual([])
          }
        }
      }
    })

    it.each(configurations(vendor, samples))('are none where nothing is said with $name', ({ settings }) => {
      expect(vendor.announces?.(answer(200), settings) ?? null).toBeNull()
    })
  })
}
