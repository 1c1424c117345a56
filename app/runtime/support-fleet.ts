/** Holding and releasing one vendor for many shops, as the console's pages ask for it. */
import type { Pool } from 'pg'
import { z } from 'zod'
import { vendorNamed } from '../delivery/connections.ts'
import type { Engine } from '../delivery/engine.ts'
import {
  beginFleet,
  type FleetAction,
  type FleetOrder,
  FleetRefused,
  type FleetTurn,
  fleetAction,
  fleetActions,
  resumeFleet,
  stopFleet,
} from '../delivery/fleet.ts'
import {
  FLEET_KINDS,
  type FleetAsked,
  fleetFilterSchema,
  heldReasons,
  previewFleet,
} from '../delivery/fleet-filter.ts'
import { fleetOf, type VendorFleet } from '../insights/vendor-fleet.ts'
import type { Log } from '../log.ts'
import { text } from '../ui/text.server.ts'
import { askFleet } from './fleet-task.ts'
import type { Staff } from './support.ts'

/** How a vendor stands over all shops; times as ISO 8601, as in all that pages are given. */
export type ShownVendor = Omit<VendorFleet, 'oldestWaiting' | 'oldestHeld' | 'rests'> & {
  name: string
  oldestWaiting: string | null
  oldestHeld: string | null
  /** Until when it sends nothing for any shop; null: it does. */
  restsUntil: string | null
}
export type ShownPreview = {
  shops: number
  toChange: number
  deliveries: number | null
  countedAt: string | null
  running: string | null
}
export type ShownReason = { reason: string; shops: number; since: string }
export type ShownAction = Omit<FleetAction, 'createdAt' | 'finishedAt' | 'until' | 'turns'> & {
  vendorName: string
  turns: (Omit<FleetTurn, 'at'> & { at: string })[]
  createdAt: string
  finishedAt: string | null
  until: string | null
}
/** It began; or why not, which changes nothing. */
export type Begun = { kind: 'begun'; id: string } | { kind: 'refused'; why: FleetRefused['why'] }
/** Whether it was so; `why` when another action stands against it. */
export type Turned = { kind: 'done' } | { kind: 'refused'; why: FleetRefused['why'] | 'over' }

export type SupportFleet = {
  vendors(staff: Staff): Promise<ShownVendor[]>
  /** @returns a vendor's name, or null for one that this version does not have */
  nameOf(vendor: string): string | null
  /**
   * What an address or a form asks for: `kind`, `vendor`, `shops`, `state` (several), `heldFor`.
   * @returns null when it does not ask for anything that there is
   */
  asked(given: URLSearchParams | FormData): FleetAsked | null
  /** For which reasons support holds the vendor. */
  reasons(staff: Staff, vendor: string): Promise<ShownReason[]>
  preview(staff: Staff, asked: FleetAsked): Promise<ShownPreview>
  begin(staff: Staff, order: FleetOrder): Promise<Begun>
  /** The newest first, so many at most. */
  actions(staff: Staff, limit: number): Promise<ShownAction[]>
  /** @returns null when there is none of this id */
  action(staff: Staff, id: string): Promise<ShownAction | null>
  stop(staff: Staff, id: string): Promise<Turned>
  resume(staff: Staff, id: string): Promise<Turned>
}

const askedSchema = z.object({ kind: z.enum(FLEET_KINDS), vendor: z.string(), filter: fleetFilterSchema })

/** What is looked for as it was typed. */
const soughtSchema = z.object({ shops: text.nullable(), heldFor: text.nullable() })

type Context = { pool: Pool; log: Log; ask: Engine['ask'] }

export function createSupportFleet({ pool, log, ask }: Context): SupportFleet {
  const nameOf = (vendor: string) => vendorNamed(vendor)?.name ?? null
  return {
    nameOf,
    asked(given) {
      const sought = soughtSchema.safeParse({
        shops: given.get('shops'),
        heldFor: given.get('heldFor') || null,
      })
      if (!sought.success) return null
      const { success, data } = askedSchema.safeParse({
        kind: given.get('kind'),
        vendor: given.get('vendor'),
        filter: { ...sought.data, states: given.getAll('state') },
      })
      return success && nameOf(data.vendor) !== null ? data : null
    },
    async vendors() {
      const vendors = await fleetOf(pool)
      return vendors.map(({ oldestWaiting, oldestHeld, rests, ...vendor }) => ({
        ...vendor,
        name: nameOf(vendor.vendor) ?? vendor.vendor,
        oldestWaiting: oldestWaiting?.toISOString() ?? null,
        oldestHeld: oldestHeld?.toISOString() ?? null,
        restsUntil: rests && !rests.over ? rests.until.toISOString() : null,
      }))
    },
    async reasons(_, vendor) {
      const reasons = await heldReasons(pool, vendor)
      return reasons.map(({ since, ...reason }) => ({ ...reason, since: since.toISOString() }))
    },
    async preview(_, asked) {
      const { countedAt, ...preview } = await previewFleet(pool, asked)
      return { ...preview, countedAt: countedAt?.toISOString() ?? null }
    },
    async begin({ by }, order) {
      try {
        const id = await beginFleet(pool, by, order)
        await askFleet(ask, log, id)
        return { kind: 'begun', id }
      } catch (error) {
        return refused(error)
      }
    },
    async actions(_, limit) {
      return (await fleetActions(pool, limit)).map(shown)
    },
    async action(_, id) {
      const found = await fleetAction(pool, id)
      return found && shown(found)
    },
    async stop({ by }, id) {
      return (await stopFleet(pool, by, id)) ? { kind: 'done' } : { kind: 'refused', why: 'over' }
    },
    async resume({ by }, id) {
      try {
        if (!(await resumeFleet(pool, by, id))) return { kind: 'refused', why: 'over' }
        await askFleet(ask, log, id)
        return { kind: 'done' }
      } catch (error) {
        return refused(error)
      }
    },
  }

  function shown({ createdAt, finishedAt, until, turns, ...action }: FleetAction): ShownAction {
    return {
      ...action,
      vendorName: nameOf(action.vendor) ?? action.vendor,
      createdAt: createdAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
      until: until?.toISOString() ?? null,
      turns: turns.map(({ at, ...turn }) => ({ ...turn, at: at.toISOString() })),
    }
  }
}

/** @throws what is no refusal */
function refused(error: unknown): { kind: 'refused'; why: FleetRefused['why'] } {
  if (error instanceof FleetRefused) return { kind: 'refused', why: error.why }
  throw error
}
