/** What the pages of a shop's vendors ask for: how each stands, its settings as a form, testing, saving and switching. */
import { BeingDisconnected, UNOPENED, vendorNamed } from '../delivery/connections.ts'
import { disconnect } from '../delivery/disconnect.ts'
import { attentionReason, HELD_REASONS } from '../delivery/outcome.ts'
import type { Tested } from '../delivery/test-connection.ts'
import { keptBy, type LaneLine, listLanes, type Standing, standings } from '../insights/lanes.ts'
import { provedVendors } from '../insights/proved.ts'
import { type GuidePart, setupGuide } from '../insights/setup-guide.ts'
import { type FormValues, formOf, givenIn, type VendorForm } from '../insights/vendor-form.ts'
import type { Shop } from '../shopify/shops.ts'
import { MOST_COUNTED } from '../ui/counted.ts'
import { VENDORS } from '../vendors/registry.ts'
import { problemsByField } from '../vendors/settings-problems.ts'
import type { TestResult, Vendor } from '../vendors/vendor.ts'
import {
  type Connecting,
  keepTest,
  meansTheSame,
  offersFor,
  type Switched,
  savedAsFarAsOpened,
  saveSettings,
  switchVendor,
  testGiven,
  tryNow,
  tryStored,
} from './connecting.ts'
import { openFailedTest, sealFailedTest } from './failed-test.ts'

export type { GuidePart, Span } from '../insights/setup-guide.ts'
export type { FormField, FormRow, FormValues } from '../insights/vendor-form.ts'
export type { Switched } from './connecting.ts'

/** Support's stop. Times in ISO 8601; `until` null: until it is released. */
export type ShownHold = { reason: string; since: string; until: string | null }

/** Why nothing is sent to a vendor, whatever is started: support's hold, the merchant's switch, or what needs a person. */
export type ShownStop = ({ kind: 'held' } & ShownHold) | { kind: 'off' } | { kind: 'attention'; why: string }

/** Whether a vendor gets what happens, and why not. Times in ISO 8601. */
export type VendorStatus =
  | { kind: 'none' | 'on' }
  /** It is on; what is saved was not tested, and nothing was delivered since. */
  | { kind: 'untested' }
  /** `attention`: what it needs beside being switched on. `refused`: that the vendor accepts the credentials. */
  | { kind: 'off'; attention: string | null; refused: boolean }
  /** `refused`: the vendor refused the credentials. */
  | { kind: 'attention'; why: string; refused: boolean }
  | { kind: 'disconnecting'; why: string }
  /** `enabled`: the merchant's switch, which counts again once the hold ends. */
  | ({ kind: 'held'; enabled: boolean } & ShownHold)
  /** `over`: the time has passed, and the next request decides. */
  | { kind: 'rests'; until: string; why: string; everyShop: boolean; over: boolean }
  | { kind: 'paused'; until: string; why: string | null }
  /** It is on; the last test of what is saved failed, and nothing was delivered since. `atKey`: for the credentials. */
  | { kind: 'refused'; why: string; atKey: boolean }

export type VendorCard = {
  id: string
  name: string
  status: VendorStatus
  /** Null: never since its settings were saved. `refused`: the vendor did not accept the credentials. */
  test: { at: string; ok: boolean; refused: boolean; message: string | null } | null
  /**
   * What is to be sent, what waits for its visitor to become known and may never be sent, what waits for the vendor to run, and
   * what failed for good; see `MOST_COUNTED`.
   */
  counts: { open: number; forVisitor: number; held: number; failed: number }
}
/** `gets`: types of events that it is sent unless the merchant chooses otherwise. */
export type ListedVendor = VendorCard & { gets: string[] }
export type VendorPage = VendorCard & { form: VendorForm; guide: GuidePart[] }

/**
 * `tried`: false when nothing was sent, so that it says nothing of the settings. `refused`: it is the credentials that the vendor
 * does not accept. `failedTest`: what the form sends along where it saves the same settings all the same, which are then saved as
 * refused; null: nothing to keep. `test` of what was saved: null, there was none. `held`: released by saving. `disconnecting`: it is being
 * disconnected, and nothing was saved.
 */
export type VendorAnswer =
  | { kind: 'invalid'; problems: Record<string, string> }
  | {
      kind: 'tested'
      ok: boolean
      tried: boolean
      refused: boolean
      message: string
      failedTest: string | null
    }
  | { kind: 'saved'; test: { ok: boolean; message: string } | null; held: number }
  | { kind: 'disconnecting' }

export type OffersAnswer =
  | { kind: 'offered'; offered: { value: string; label: string }[] }
  | { kind: 'notOffered'; asked: boolean; refused: boolean; problem: string | null }

/** `ended`: how much waited, and is not sent. `refused`: support holds the vendor. */
export type DisconnectAnswer = { kind: 'disconnected' | 'refused'; ended: number }

/** `test` saves nothing; `save` only what the vendor accepts; `saveUntested` whatever fits the form, with `failedTest` of its values. */
export type VendorIntent = 'test' | 'save' | 'saveUntested'

/** Each of one shop. Null: there is no such vendor, or the shop has not connected it. */
export type MerchantVendors = {
  list(shop: Shop): Promise<ListedVendor[]>
  /** @param language of the guide */
  page(shop: Shop, id: string, language: string): Promise<VendorPage | null>
  submit(shop: Shop, id: string, intent: VendorIntent, values: FormValues): Promise<VendorAnswer | null>
  /** What the account has to choose from for a setting. `asked`: false when that needs the credentials first. */
  offers(shop: Shop, id: string, setting: string, values: FormValues): Promise<OffersAnswer | null>
  switch(shop: Shop, id: string, on: boolean): Promise<Switched | null>
  /** Tries what is saved, and keeps what came of it. */
  test(shop: Shop, id: string): Promise<VendorAnswer | null>
  /** Tries before its time what the vendor's failures let wait. False: something else keeps it waiting. */
  tryNow(shop: Shop, id: string): Promise<boolean | null>
  disconnect(shop: Shop, id: string): Promise<DisconnectAnswer | null>
}

export function createMerchantVendors(connecting: Connecting): MerchantVendors {
  const { pool, sealer } = connecting
  const cards = async (shop: Shop) => {
    const [lanes, proved] = await Promise.all([
      listLanes(pool, sealer, shop.id, MOST_COUNTED + 1),
      provedVendors(pool, shop.id),
    ])
    return VENDORS.map(({ id, name }) =>
      cardOf(id, name, lanes.find(({ vendor }) => vendor === id) ?? null, proved),
    )
  }
  return {
    async list(shop) {
      const gets = new Map(VENDORS.map(({ id, rows }) => [id, sentByDefault(rows)]))
      return (await cards(shop)).map(card => ({ ...card, gets: gets.get(card.id) ?? [] }))
    },
    async page(shop, id, language) {
      const vendor = vendorNamed(id)
      const card = vendor && (await cards(shop)).find(each => each.id === id)
      if (!vendor || !card) return null
      const given = await savedAsFarAsOpened(connecting, { shopId: shop.id, vendor: id })
      return { ...card, form: formOf(vendor, given), guide: setupGuide(id, language) }
    },
    async submit(shop, id, intent, values) {
      const vendor = vendorNamed(id)
      if (!vendor) return null
      const lane = { shopId: shop.id, vendor: id }
      const saved = (await savedAsFarAsOpened(connecting, lane)) ?? {}
      const given = givenIn(vendor, saved, values)
      const problems = problemsByField(vendor, given, saved)
      if (problems.size > 0) return { kind: 'invalid', problems: Object.fromEntries(problems) }
      const tested = intent === 'saveUntested' ? null : await testGiven(connecting, shop, vendor, given)
      if (tested && (intent === 'test' || !tested.ok)) {
        const isFailed = !tested.ok && tested.untried === undefined
        return answerOf(tested, isFailed ? sealFailedTest(sealer, lane, given, tested) : null)
      }
      const failed = tested ? null : openFailedTest(sealer, lane, given, values.failedTest ?? '')
      const [before] = failed ? await standings(pool, sealer, shop.id, id) : []
      const since =
        failed && before && meansTheSame(vendor, saved, given) ? testAfter(before, failed.at) : null
      const held = await saveSettings(connecting, lane, vendor, given).catch(error => {
        if (error instanceof BeingDisconnected) return null
        throw error
      })
      if (held === null) return { kind: 'disconnecting' }
      const test = tested ?? since?.result ?? failed?.result ?? null
      if (test) await keepTest(connecting, lane, test, since?.at ?? failed?.at)
      return { kind: 'saved', test: test && { ok: test.ok, message: test.merchant }, held }
    },
    async offers(shop, id, setting, values) {
      const vendor = vendorNamed(id)
      if (!vendor) return null
      const lane = { shopId: shop.id, vendor: id }
      const given = givenIn(vendor, (await savedAsFarAsOpened(connecting, lane)) ?? {}, values)
      const found = await offersFor(connecting, lane, vendor, setting, given)
      if (found && 'offered' in found) return { kind: 'offered', offered: found.offered }
      return {
        kind: 'notOffered',
        asked: found !== null,
        refused: found?.refused ?? false,
        problem: found?.problem ?? null,
      }
    },
    async switch(shop, id, on) {
      return vendorNamed(id) ? switchVendor(connecting, { shopId: shop.id, vendor: id }, on) : null
    },
    async test(shop, id) {
      const vendor = vendorNamed(id)
      const tested = vendor && (await tryStored(connecting, shop, vendor))
      return tested ? answerOf(tested) : null
    },
    async tryNow(shop, id) {
      return vendorNamed(id) ? tryNow(connecting, { shopId: shop.id, vendor: id }) : null
    },
    async disconnect(shop, id) {
      const done = vendorNamed(id) ? await disconnect(pool, { shopId: shop.id, vendor: id }) : null
      return done && { kind: done.held ? 'refused' : 'disconnected', ended: done.ended }
    },
  }
}

/** Of what is saved, and later than so: that it is saved once more undoes it as little as an older test does. */
function testAfter(
  { testedAt, testOk, testMessage, testRefused }: Standing,
  time: Date,
): { at: Date; result: TestResult } | null {
  if (testedAt === null || testOk === null || testedAt <= time) return null
  const merchant = testMessage ?? ''
  return { at: testedAt, result: { ok: testOk, merchant, log: merchant, refused: testRefused === true } }
}

function answerOf(
  { ok, merchant, untried, refused = false }: Tested,
  failedTest: string | null = null,
): VendorAnswer {
  return { kind: 'tested', ok, tried: untried === undefined, refused, message: merchant, failedTest }
}

const sentByDefault = (rows: Vendor['rows']) =>
  Object.entries(rows).flatMap(([type, { byDefault }]) => (byDefault ? [type] : []))

/** How a vendor stands. @param lane null: it is not connected. @param proved the vendors of which `provedVendors` says so */
export function cardOf(
  id: string,
  name: string,
  lane: LaneLine | null,
  proved: ReadonlySet<string>,
): VendorCard {
  const test = lane?.testedAt
    ? {
        ...{ at: lane.testedAt.toISOString(), ok: lane.testOk === true },
        ...{ refused: lane.testRefused === true, message: lane.testMessage },
      }
    : null
  const counts = lane
    ? {
        ...{ open: lane.pending + lane.retry, forVisitor: lane.waiting },
        ...{ held: lane.held, failed: lane.dead },
      }
    : { open: 0, forVisitor: 0, held: 0, failed: 0 }
  return { id, name, status: statusOf(lane, proved.has(id)), test, counts }
}

export function shownHold({ reason, since, until }: NonNullable<LaneLine['hold']>): ShownHold {
  return { reason, since: since.toISOString(), until: until?.toISOString() ?? null }
}

/** Null: the lane is open, or there is none. */
export function shownStop(
  lane: Pick<LaneLine, 'hold' | 'enabled' | 'attention'> | null | undefined,
): ShownStop | null {
  if (lane?.hold) return { kind: 'held', ...shownHold(lane.hold) }
  if (lane && !lane.enabled) return { kind: 'off' }
  return lane?.attention ? { kind: 'attention', why: lane.attention } : null
}

/** @param lane null: the vendor is not connected. @param proved whether `provedVendors` says so of it */
export function statusOf(lane: Standing | null, proved: boolean): VendorStatus {
  if (!lane) return { kind: 'none' }
  const { enabled, hold, rests } = lane
  if (hold) return { kind: 'held', enabled, ...shownHold(hold) }
  if (lane.attention === HELD_REASONS.disconnecting) return { kind: 'disconnecting', why: lane.attention }
  const attention = lane.opens ? lane.attention : UNOPENED
  const refused = attention !== null && attentionReason(attention) === 'refused'
  if (!enabled) return { kind: 'off', attention, refused }
  if (attention !== null) return { kind: 'attention', why: attention, refused }
  const kept = keptBy(lane)
  if (rests && kept?.by !== 'pause') {
    const { why, everyShop, over } = rests
    const until = (kept?.until ?? rests.until).toISOString()
    return { kind: 'rests', until, why, everyShop, over: over && !kept }
  }
  if (lane.testOk === false && !proved)
    return { kind: 'refused', why: lane.testMessage ?? '', atKey: lane.testRefused === true }
  if (kept) return { kind: 'paused', until: kept.until.toISOString(), why: kept.why }
  return { kind: proved ? 'on' : 'untested' }
}
