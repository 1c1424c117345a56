/** What the pages of previews and of what syncs ask for. Nothing is sent, and nothing is changed. */
import type { Pool } from 'pg'
import type { Database } from '../db/database.ts'
import { type AnyVendor, connectionFrom, vendorNamed } from '../delivery/connections.ts'
import type { Deciding } from '../delivery/decide.ts'
import { keptEvent } from '../delivery/event-rows.ts'
import { skipped } from '../delivery/outcome.ts'
import { madeOf, memoriesBefore } from '../delivery/preview.ts'
import { twinsAmong } from '../delivery/twins.ts'
import { withdrawnAmong, withdrawnOf } from '../delivery/withdrawn.ts'
import type { Consent, StoreEvent } from '../events/store-event.ts'
import { EVENT_TYPES, type EventType } from '../events/types.ts'
import { activityPage } from '../insights/activity.ts'
import { standings } from '../insights/lanes.ts'
import { previewOf, type ShownPreview, sampleFor } from '../insights/preview.ts'
import { provedVendors } from '../insights/proved.ts'
import { exampleSettings } from '../insights/settings-variants.ts'
import { type Syncs, syncsOf } from '../insights/syncs.ts'
import { type FormValues, formOf, givenIn } from '../insights/vendor-form.ts'
import { maskEmail, maskPhone, scrub } from '../privacy/mask.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Shop } from '../shopify/shops.ts'
import { isVisit } from '../vendors/purposes.ts'
import { problemsByField } from '../vendors/settings-problems.ts'
import { savedAsFarAsOpened } from './connecting.ts'
import { filledEvent } from './filling.ts'
import { statusOf, type VendorStatus } from './merchant-vendors.ts'
import { type Needed, neededBy } from './needed.ts'

export type { Traced } from '../insights/field-trace.ts'
export type { ShownMade, ShownPreview, ShownRequest } from '../insights/preview.ts'

/**
 * Which event is to be looked at: one of the shop's, or the latest of an order or of a type; nothing: the shop's latest that the vendor
 * takes. `sample`: an invented one. `find`: the order that is looked for, before all else; without events of it the rest counts.
 */
export type PreviewAsked = {
  type: EventType | null
  eventId: string | null
  sample: boolean
  order: string | null
  find: string | null
}
/** An event to choose. Times in ISO 8601. */
export type PreviewEvent = { id: string; type: string; about: string | null; receivedAt: string }
export type PreviewPage = {
  id: string
  name: string
  connected: boolean
  /** Whether it is sent as it happens, and why not. */
  status: VendorStatus
  /** What the vendor has a use for. */
  types: EventType[]
  type: EventType
  order: string | null
  /** An order that was looked for, and of which there is no event. */
  missing: string | null
  /** The last of the type, or those of the order. */
  recent: PreviewEvent[]
  /** Null: an invented event. */
  eventId: string | null
  person: {
    customerId: string | null
    visitorId: string | null
    email: string | null
    phone: string | null
    consent: Consent
    acceptsMarketing: boolean | null
  }
  /** What a visitor must have allowed, and how that stands. */
  needs: Needed[]
  /** Whether a browser was asked for consent: a visit, and no notice of Shopify's. */
  visited: boolean
  preview: ShownPreview
}
/** `status`: whether the vendor gets at all what is on, and why not. */
export type SyncsPage = Syncs & { id: string; name: string; connected: boolean; status: VendorStatus }

/** Each of one shop. Null: there is no such vendor, or the shop has no such event. */
export type MerchantPreview = {
  page(shop: Shop, vendor: string, asked: PreviewAsked): Promise<PreviewPage | null>
  /** By settings that are not saved yet, of an invented event. `problems`: by setting, where they cannot be used */
  unsaved(
    shop: Shop,
    vendor: string,
    type: EventType,
    values: FormValues,
  ): Promise<{ preview: ShownPreview } | { problems: Record<string, string> } | null>
  syncs(shop: Shop, vendor: string): Promise<SyncsPage | null>
}

export type MerchantPreviewContext = {
  database: Pick<Database, 'pool'>
  sealer: Sealer
  vendorBaseUrls: Readonly<Partial<Record<string, string>>>
}

/** So many are offered to choose from. */
const RECENT = 20

type Used = { settings: Record<string, unknown>; secrets: readonly string[]; connected: boolean }

export function createMerchantPreview({
  database: { pool },
  sealer,
  vendorBaseUrls,
}: MerchantPreviewContext): MerchantPreview {
  const saved = (shop: Shop, id: string) =>
    savedAsFarAsOpened({ pool, sealer }, { shopId: shop.id, vendor: id })
  return {
    async page(shop, id, asked) {
      const vendor = vendorNamed(id)
      if (!vendor) return null
      const types = EVENT_TYPES.filter(type => vendor.rows[type])
      const [given, status, found] = await Promise.all([
        saved(shop, id),
        standing(shop, id),
        orderAmong(pool, shop, [asked.find, asked.order]),
      ])
      const order = found?.order ?? null
      const isOpen = asked.type === null && asked.eventId === null && !asked.sample && !found
      const first = isOpen ? await typeToBegin(pool, shop, vendor, given) : null
      const wanted = asked.type ?? first ?? types[0] ?? 'order_created'
      const recent = found?.recent ?? (await recentOf(pool, shop, { type: wanted }))
      const isNewlyFound = order !== null && order === asked.find
      const latest = recent[0]?.id ?? null
      const chosen = isNewlyFound ? latest : asked.sample ? null : (asked.eventId ?? latest)
      const event = chosen === null ? null : await keptEvent(pool, sealer, shop.id, chosen)
      if (chosen !== null && chosen === asked.eventId && !event) return null
      const eventId = event && chosen
      const used = usedSettings(vendor, given)
      const shown = event ? await ofEvent(shop, vendor, used, event) : ofSample(shop, vendor, used, wanted)
      const type = event?.type ?? wanted
      const { actor } = shown.event
      const refused = await withdrawnOf(pool, shop.id, shown.event)
      const sought = asked.find ?? asked.order
      return {
        ...{ id, name: vendor.name, connected: used.connected, status, types, type, order, eventId },
        missing: sought === order ? null : sought,
        recent: !found && type !== wanted ? await recentOf(pool, shop, { type }) : recent,
        person: {
          customerId: actor.customerId,
          visitorId: actor.visitorId && scrub(actor.visitorId),
          email: actor.email && (event ? maskEmail(actor.email) : actor.email),
          phone: actor.phone && (event ? maskPhone(actor.phone) : actor.phone),
          consent: actor.consent,
          acceptsMarketing: actor.acceptsMarketing,
        },
        needs: neededBy(vendor, used.settings, shown.event, refused),
        visited: isVisit(shown.event),
        preview: shown.preview,
      }
    },
    async unsaved(shop, id, type, values) {
      const vendor = vendorNamed(id)
      if (!vendor) return null
      const kept = (await saved(shop, id)) ?? {}
      const given = givenIn(vendor, kept, values)
      const problems = problemsByField(vendor, given, kept)
      if (problems.size > 0) return { problems: Object.fromEntries(problems) }
      const { preview } = ofSample(shop, vendor, usedSettings(vendor, given), type)
      return { preview }
    },
    async syncs(shop, id) {
      const vendor = vendorNamed(id)
      if (!vendor) return null
      const [given, status] = await Promise.all([saved(shop, id), standing(shop, id)])
      const used = usedSettings(vendor, given)
      return {
        ...{ id, name: vendor.name, connected: used.connected, status },
        ...(await syncsOf(vendor, used.settings, shop)),
      }
    },
  }

  async function standing(shop: Shop, id: string): Promise<VendorStatus> {
    const [[lane = null], proved] = await Promise.all([
      standings(pool, sealer, shop.id, id),
      provedVendors(pool, shop.id),
    ])
    return statusOf(lane, proved.has(id))
  }

  function ofSample(
    shop: Shop,
    vendor: AnyVendor,
    { settings, secrets }: Used,
    type: EventType,
  ): { event: StoreEvent; preview: ShownPreview } {
    const now = new Date()
    const event = sampleFor(type, settings, shop, now)
    const deciding: Deciding = { vendor, settings, shop, now, memories: new Map() }
    const options = { secrets, invented: true, baseUrl: vendorBaseUrls[vendor.id], ended: null }
    return { event, preview: previewOf(event, deciding, options) }
  }

  async function ofEvent(
    shop: Shop,
    vendor: AnyVendor,
    { settings, secrets }: Used,
    kept: StoreEvent,
  ): Promise<{ event: StoreEvent; preview: ShownPreview }> {
    const lane = { shopId: shop.id, vendor: vendor.id }
    const { event, orderUnknown } = await filledEvent(pool, sealer, shop, kept)
    const due = [{ event, replayed: false }]
    const [withdrawn, twin] = await Promise.all([
      withdrawnAmong(pool, lane, { vendor, settings }, due),
      twinsAmong(pool, lane, shop.collectors, due),
    ])
    const unknown = orderUnknown ? skipped('order_unknown') : null
    const ended = unknown ?? withdrawn.get(event.id) ?? twin.get(event.id) ?? null
    const now = new Date()
    const bare: Deciding = { vendor, settings, shop, now, memories: new Map() }
    const stateOf = (each: StoreEvent) => vendor.stateOf(each, settings)
    const sketch = madeOf(event, bare)
    const left = sketch.kind === 'sent' ? sketch.steps.flatMap(step => step.leaves?.subject ?? []) : []
    const subjects = [...left, ...[stateOf(event)].filter(subject => subject !== null)]
    const memories = await memoriesBefore({ pool, sealer }, lane, event, stateOf, subjects)
    const options = { secrets, invented: false, baseUrl: vendorBaseUrls[vendor.id], ended }
    return { event, preview: previewOf(event, { ...bare, memories }, options) }
  }
}

/** What is saved as it is used; where nothing is, or it fits no more, what a new connection begins with. */
function usedSettings(vendor: AnyVendor, given: Record<string, unknown> | null): Used {
  const fits = given !== null && vendor.settings.safeParse(given).success
  if (!fits) return { settings: exampleSettings(vendor), secrets: [], connected: given !== null }
  const { settings, secrets } = connectionFrom(vendor, given)
  return { settings: settings as Record<string, unknown>, secrets, connected: true }
}

/** What is looked at where nothing is asked for: the kind of the shop's latest event that is on, else the first that is on; null: none is. */
async function typeToBegin(
  pool: Pool,
  shop: Shop,
  vendor: AnyVendor,
  given: Record<string, unknown> | null,
): Promise<EventType | null> {
  const { rows } = formOf(vendor, given)
  const on = rows.flatMap(row => (row.on ? row.type : []))
  const { lines } = await activityPage(pool, { shopId: shop.id }, null)
  const latest = lines.find(line => on.some(type => type === line.type))
  return on.find(type => type === latest?.type) ?? on[0] ?? null
}

/** The first of these orders of which there are events. */
async function orderAmong(
  pool: Pool,
  shop: Shop,
  orders: readonly (string | null)[],
): Promise<{ order: string; recent: PreviewEvent[] } | null> {
  for (const order of orders) {
    const recent = order === null ? [] : await recentOf(pool, shop, { order })
    if (order !== null && recent.length > 0) return { order, recent }
  }
  return null
}

async function recentOf(
  pool: Pool,
  shop: Shop,
  filter: { type: EventType } | { order: string },
): Promise<PreviewEvent[]> {
  const { lines } = await activityPage(pool, { shopId: shop.id, ...filter }, null)
  return lines
    .slice(0, RECENT)
    .map(({ id, type, about, receivedAt }) => ({ id, type, about, receivedAt: receivedAt.toISOString() }))
}
