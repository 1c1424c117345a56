/** What the console's page of one vendor over all shops shows. Times as ISO 8601, as in all that pages are given. */
import type { Pool } from 'pg'
import type { AnyVendor } from '../delivery/connections.ts'
import { allCountedUntil } from '../insights/daily.ts'
import { daysOf, lastDays } from '../insights/days.ts'
import { healthUntil } from '../insights/lane-health.ts'
import { type FleetCause, failuresOfVendor } from '../insights/support/vendor-failures.ts'
import { type HoldsOfReason, holdsOfVendor, shopsAtRest } from '../insights/support/vendor-stops.ts'
import { type FleetDay, fleetDays } from '../insights/vendor-days.ts'
import { fleetOf, type VendorFleet } from '../insights/vendor-fleet.ts'

/** Days of the course, today among them. */
const DAYS = 7

/** How a vendor stands over all shops. */
export type ShownVendor = Omit<VendorFleet, 'oldestWaiting' | 'oldestHeld' | 'pausedUntil' | 'rests'> & {
  name: string
  oldestWaiting: string | null
  oldestHeld: string | null
  pausedUntil: string | null
  /** Until when it sends nothing for any shop; null: it does. */
  restsUntil: string | null
}
export type ShownCause = Omit<FleetCause, 'since' | 'until'> & { since: string; until: string }
export type ShownHolds = Omit<HoldsOfReason, 'since' | 'endsFirst' | 'endsLast'> & {
  since: string
  endsFirst: string | null
  endsLast: string | null
}
export type VendorPage = {
  id: string
  name: string
  /** When what stops it and what failed was asked for: as it is now. */
  at: string
  /** Up to when changes are in what is counted, and in the days; null: nothing was counted yet. */
  countedUntil: string | null
  daysUntil: string | null
  /** Null: no shop has it connected. */
  vendor: ShownVendor | null
  /** The vendor's own rest. `over`: one request decides whether it goes on. Null: it does not rest. */
  rest: { since: string; until: string; over: boolean } | null
  /** Shops that rest by themselves, the first of them since. */
  atRest: { resting: number; since: string | null }
  holds: ShownHolds[]
  /** The oldest first. */
  days: FleetDay[]
  failures: { causes: ShownCause[]; capped: boolean }
}

export const shownVendor = (
  { oldestWaiting, oldestHeld, pausedUntil, rests, ...vendor }: VendorFleet,
  name: string,
): ShownVendor => ({
  ...{
    ...vendor,
    name,
    oldestWaiting: iso(oldestWaiting),
    oldestHeld: iso(oldestHeld),
    pausedUntil: iso(pausedUntil),
  },
  restsUntil: rests && !rests.over ? rests.until.toISOString() : null,
})

export async function vendorPage(pool: Pool, { id, name }: AnyVendor): Promise<VendorPage> {
  const now = new Date()
  // Each shop counts by its own days: those of UTC are told of.
  const period = lastDays(now, DAYS, null)
  const [vendors, until, daysUntil, counted, failures, { resting, since }, holds] = await Promise.all([
    fleetOf(pool),
    healthUntil(pool),
    allCountedUntil(pool),
    fleetDays(pool, id, period),
    failuresOfVendor(pool, id, now),
    shopsAtRest(pool, id),
    holdsOfVendor(pool, id),
  ])
  const vendor = vendors.find(each => each.vendor === id)
  const rests = vendor?.rests
  return {
    ...{ id, name, at: now.toISOString(), countedUntil: iso(until), daysUntil: iso(daysUntil) },
    vendor: vendor ? shownVendor(vendor, name) : null,
    rest: rests
      ? { since: rests.since.toISOString(), until: rests.until.toISOString(), over: rests.over }
      : null,
    atRest: { resting, since: iso(since) },
    holds: holds.map(hold => ({
      ...hold,
      since: hold.since.toISOString(),
      endsFirst: iso(hold.endsFirst),
      endsLast: iso(hold.endsLast),
    })),
    days: daysOf(period).map(
      day => counted.find(each => each.day === day) ?? { day, delivered: 0, failed: 0 },
    ),
    failures: {
      capped: failures.capped,
      causes: failures.causes.map(cause => ({
        ...{ ...cause, since: cause.since.toISOString(), until: cause.until.toISOString() },
      })),
    },
  }
}

const iso = (at: Date | null) => at?.toISOString() ?? null
