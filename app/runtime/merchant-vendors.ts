/** What the pages of a shop's vendors ask for: how each stands, its settings as a form, testing, saving and switching. */

import { vendorNamed } from '../delivery/connections.ts'
import { disconnect } from '../delivery/disconnect.ts'
import type { Tested } from '../delivery/test-connection.ts'
import { type LaneLine, listLanes } from '../insights/lanes.ts'
import { type GuidePart, setupGuide } from '../insights/setup-guide.ts'
import { type FormValues, formOf, givenIn, type VendorForm } from '../insights/vendor-form.ts'
import type { Shop } from '../shopify/shops.ts'
import { MOST_COUNTED } from '../ui/counted.ts'
import { VENDORS } from '../vendors/registry.ts'
import { problemsByField } from '../vendors/settings-problems.ts'
import {
  type Connecting,
  keepTest,
  offersFor,
  type Switched,
  savedSettings,
  saveSettings,
  switchVendor,
  testGiven,
} from './connecting.ts'

export type { GuidePart, Span } from '../insights/setup-guide.ts'
export type { FormField, FormRow, FormValues } from '../insights/vendor-form.ts'
export type { Switched } from './connecting.ts'

/** Support's stop. Times in ISO 8601; `until` null: until it is released. */
export type ShownHold = { reason: string; since: string; until: string | null }

/** Whether a vendor gets what happens, and why not. Times in ISO 8601. */
export type VendorStatus =
  | { kind: 'none' | 'on' }
  /** `attention`: what it needs beside being switched on. */
  | { kind: 'off'; attention: string | null }
  | { kind: 'attention'; why: string }
  /** `enabled`: the merchant's switch, which counts again once the hold ends. */
  | ({ kind: 'held'; enabled: boolean } & ShownHold)
  /** `over`: the time has passed, and the next request decides. */
  | { kind: 'rests'; until: string; why: string; everyShop: boolean; over: boolean }
  | { kind: 'paused'; until: string; why: string | null }

export type VendorCard = {
  id: string
  name: string
  status: VendorStatus
  /** Null: never since its settings were saved. */
  test: { at: string; ok: boolean; message: string | null } | null
  /** What is still to be sent, what waits for the vendor to run, and what failed for good; see `MOST_COUNTED`. */
  counts: { open: number; held: number; failed: number }
}
export type VendorPage = VendorCard & { form: VendorForm; guide: GuidePart[] }

/** `tried`: false when nothing was sent, so that it says nothing of the settings. `held`: released by saving. */
export type VendorAnswer =
  | { kind: 'invalid'; problems: Record<string, string> }
  | { kind: 'tested'; ok: boolean; tried: boolean; message: string }
  | { kind: 'saved'; tested: boolean; message: string | null; held: number }

export type OffersAnswer =
  | { kind: 'offered'; offered: { value: string; label: string }[] }
  | { kind: 'notOffered'; asked: boolean; problem: string | null }

/** `ended`: how much waited, and is not sent. `refused`: support holds the vendor. */
export type DisconnectAnswer = { kind: 'disconnected'; ended: number } | { kind: 'refused' }

/** `test` saves nothing; `save` only what the vendor accepts; `saveUntested` whatever fits the form. */
export type VendorIntent = 'test' | 'save' | 'saveUntested'

/** Each of one shop. Null: there is no such vendor, or the shop has not connected it. */
export type MerchantVendors = {
  list(shop: Shop): Promise<VendorCard[]>
  /** @param language of the guide */
  page(shop: Shop, id: string, language: string): Promise<VendorPage | null>
  submit(shop: Shop, id: string, intent: VendorIntent, values: FormValues): Promise<VendorAnswer | null>
  /** What the account has to choose from for a setting. `asked`: false when that needs the credentials first. */
  offers(shop: Shop, id: string, setting: string, values: FormValues): Promise<OffersAnswer | null>
  switch(shop: Shop, id: string, on: boolean): Promise<Switched | null>
  disconnect(shop: Shop, id: string): Promise<DisconnectAnswer | null>
}

export function createMerchantVendors(connecting: Connecting): MerchantVendors {
  const { pool, sealer } = connecting
  const cards = async (shop: Shop) => {
    const lanes = await listLanes(pool, sealer, shop.id, MOST_COUNTED + 1)
    return VENDORS.map(({ id, name }) => cardOf(id, name, lanes.find(({ vendor }) => vendor === id) ?? null))
  }
  return {
    list: cards,
    async page(shop, id, language) {
      const vendor = vendorNamed(id)
      const card = vendor && (await cards(shop)).find(each => each.id === id)
      if (!vendor || !card) return null
      const given = await savedSettings(connecting, { shopId: shop.id, vendor: id })
      return { ...card, form: formOf(vendor, given), guide: setupGuide(id, language) }
    },
    async submit(shop, id, intent, values) {
      const vendor = vendorNamed(id)
      if (!vendor) return null
      const lane = { shopId: shop.id, vendor: id }
      const saved = (await savedSettings(connecting, lane)) ?? {}
      const given = givenIn(vendor, saved, values)
      const problems = problemsByField(vendor, given, saved)
      if (problems.size > 0) return { kind: 'invalid', problems: Object.fromEntries(problems) }
      const tested = intent === 'saveUntested' ? null : await testGiven(connecting, shop, vendor, given)
      if (tested && (intent === 'test' || !tested.ok)) return answerOf(tested)
      const held = await saveSettings(connecting, lane, vendor, given)
      if (tested) await keepTest(connecting, lane, tested)
      return { kind: 'saved', tested: tested !== null, message: tested?.merchant ?? null, held }
    },
    async offers(shop, id, setting, values) {
      const vendor = vendorNamed(id)
      if (!vendor) return null
      const lane = { shopId: shop.id, vendor: id }
      const given = givenIn(vendor, (await savedSettings(connecting, lane)) ?? {}, values)
      const found = await offersFor(connecting, lane, vendor, setting, given)
      if (found && 'offered' in found) return { kind: 'offered', offered: found.offered }
      return { kind: 'notOffered', asked: found !== null, problem: found?.problem ?? null }
    },
    async switch(shop, id, on) {
      return vendorNamed(id) ? switchVendor(connecting, { shopId: shop.id, vendor: id }, on) : null
    },
    async disconnect(shop, id) {
      const ended = vendorNamed(id) ? await disconnect(pool, { shopId: shop.id, vendor: id }) : null
      if (ended === 'held') return { kind: 'refused' }
      return ended === null ? null : { kind: 'disconnected', ended }
    },
  }
}

function answerOf({ ok, merchant, untried }: Tested): VendorAnswer {
  return { kind: 'tested', ok, tried: untried === undefined, message: merchant }
}

/** How a vendor stands. @param lane null: it is not connected */
export function cardOf(id: string, name: string, lane: LaneLine | null): VendorCard {
  const test = lane?.testedAt
    ? { at: lane.testedAt.toISOString(), ok: lane.testOk === true, message: lane.testMessage }
    : null
  const counts = lane
    ? { open: lane.pending + lane.retry + lane.waiting, held: lane.held, failed: lane.dead }
    : { open: 0, held: 0, failed: 0 }
  return { id, name, status: statusOf(lane), test, counts }
}

export function shownHold({ reason, since, until }: NonNullable<LaneLine['hold']>): ShownHold {
  return { reason, since: since.toISOString(), until: until?.toISOString() ?? null }
}

function statusOf(lane: LaneLine | null): VendorStatus {
  if (!lane) return { kind: 'none' }
  const { enabled, attention, hold, rests, pausedUntil, pausedWhy } = lane
  if (hold) return { kind: 'held', enabled, ...shownHold(hold) }
  if (!enabled) return { kind: 'off', attention }
  if (attention !== null) return { kind: 'attention', why: attention }
  if (rests) {
    const { until, why, everyShop, over } = rests
    return { kind: 'rests', until: until.toISOString(), why, everyShop, over }
  }
  return pausedUntil ? { kind: 'paused', until: pausedUntil.toISOString(), why: pausedWhy } : { kind: 'on' }
}
