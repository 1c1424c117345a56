/** What a vendor gets of each kind of event, what it never gets, and within which limits: from its declaration and its planning. Pure. */
import { setImmediate } from 'node:timers/promises'
import type { AnyVendor } from '../delivery/connections.ts'
import type { ConsentPurpose } from '../events/store-event.ts'
import { EVENT_TYPES, type EventType } from '../events/types.ts'
import type { PurposeChoice } from '../vendors/purposes.ts'
import { fieldsOf } from '../vendors/settings.ts'
import type { Limit, ShopFacts } from '../vendors/vendor.ts'
import type { Traced } from './field-trace.ts'
import { fieldsSent, sampleFor } from './preview.ts'
import { exampleSettings } from './settings-variants.ts'
import { formOf } from './vendor-form.ts'

export type SyncRow = {
  type: EventType
  becomes: string
  on: boolean
  purposes: readonly ConsentPurpose[]
  /** A notice of Shopify's, which only a known refusal of that stops. */
  unless: PurposeChoice | null
  fields: Traced[]
}
export type Syncs = {
  rows: SyncRow[]
  /** Kinds of events that are of no use there. */
  never: EventType[]
  limits: Limit[]
  /** Events in one request, at most. */
  batch: number
  /** Null: a person can be erased there by a request of ours; else why not. */
  cannotForget: string | null
}

const ANYBODY = { customerId: '1', email: 'shopper@example.com', visitorIds: ['1'] }

/** In place of the shop: where a field goes is the same for all, so that all with the same settings share what is remembered. */
const ANY_SHOP = { domain: 'example.myshopify.com', name: null, storefrontUrl: 'https://shop.example.com' }

/** So many are remembered: a page is looked at more than once, and planning each event a hundred times takes a while. */
const REMEMBERED = 100
const known = new Map<string, Promise<Syncs>>()

/**
 * @param settings as set, parsed; null: the shop has not connected the vendor. A kind of event that is off is told of
 * as if it were on. Others are served while it is worked out.
 */
export function syncsOf(
  vendor: AnyVendor,
  settings: Record<string, unknown> | null,
  { currency }: Pick<ShopFacts, 'currency'>,
): Promise<Syncs> {
  const secret = new Set(fieldsOf(vendor).flatMap(field => (field.secret ? [field.name] : [])))
  const open = Object.entries(settings ?? {}).filter(([name]) => !secret.has(name))
  const key = JSON.stringify([vendor.id, settings && open, currency])
  const syncs = known.get(key) ?? workedOut(vendor, settings, { ...ANY_SHOP, currency })
  // The last one asked for is the last to be forgotten.
  known.delete(key)
  known.set(key, syncs)
  const [oldest] = known.keys()
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest)
  // What went wrong is not remembered; whoever asked hears of it.
  syncs.catch(() => known.delete(key))
  return syncs
}

async function workedOut(
  vendor: AnyVendor,
  settings: Record<string, unknown> | null,
  shop: ShopFacts,
): Promise<Syncs> {
  const now = new Date()
  const chosen = (settings?.rows ?? {}) as Partial<Record<EventType, boolean>>
  const types = EVENT_TYPES.filter(type => vendor.rows[type])
  const all = { ...chosen, ...Object.fromEntries(types.map(type => [type, true])) }
  const parsed = settings && vendor.settings.safeParse({ ...settings, rows: all })
  const used = (parsed?.data ?? exampleSettings(vendor, types)) as Record<string, unknown>
  const { limits, batch } = vendor.limits(used)
  const forgetting = vendor.forget(ANYBODY, used)
  const rows: SyncRow[] = []
  for (const { type, becomes, purposes, consent, on, texts } of formOf(vendor, settings).rows) {
    await setImmediate()
    const sample = sampleFor(type, used, shop, now)
    const fields = fieldsSent(sample, { vendor, settings: used, shop, now, memories: new Map() })
    const unless = consent?.notice ? consent.value : null
    rows.push({ type, becomes: texts[0]?.value || becomes, purposes, unless, on, fields })
  }
  return {
    rows,
    never: EVENT_TYPES.filter(type => !vendor.rows[type]),
    limits,
    batch,
    cannotForget: 'cannot' in forgetting ? forgetting.cannot : null,
  }
}
