/**
 * The vendor contract. A vendor is a folder with one declaration of this shape; the runtime (app/delivery)
 * owns HTTP, retries, batching, rate limits and storage. Everything here is pure: a vendor never sends,
 * stores, waits or logs.
 */
import type { z } from 'zod'
import type { ConsentPurpose, StoreEvent } from '../events/store-event.ts'
import type { EventType } from '../events/types.ts'
import type { SkipReason } from './reasons.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** One HTTP request to the vendor. `url` is absolute, on the vendor's own host; the runtime may move the host. */
export type VendorRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: Json
}

/** What came back. Header names are lower case. `body` is the parsed JSON, or null when it was not JSON. */
export type VendorAnswer = {
  status: number
  headers: Record<string, string>
  body: Json
  /** The body's first characters as they came, for answers that are not JSON. */
  text: string
  receivedAt: Date
}

/** What the runtime remembers of a subject at this vendor (an order, a cart): what was last delivered, and of which event. */
export type Memory = { version: string | null; eventId: string }

/** One delivery to plan for. `event.id` names it: a lane holds one delivery per event. */
export type Planned = {
  event: StoreEvent
  /** The subject named by `stateOf`, as last delivered; null when this vendor never got it. */
  memory: Memory | null
  /** Names of steps that succeeded in an earlier attempt: do not plan them again. */
  done: readonly string[]
  /** Facts learned from this vendor's answers a moment ago (see `Reading` of kind `learned`). */
  learned: readonly string[]
  /** Asked for again by a person: sent even if the vendor already has exactly this. */
  replayed: boolean
  /** When this plan is made, ISO 8601: an event may have waited for days. */
  plannedAt: string
}

/**
 * One request and the deliveries it carries. A delivery is delivered when every step that carries it has
 * succeeded; steps run in order, and a delivery whose earlier step failed takes no later one.
 */
export type Step = {
  /** What this part is, stable over attempts: "transaction", "clear-basket". */
  name: string
  /** Event ids. */
  deliveries: readonly string[]
  request: VendorRequest
  /**
   * The state that this request leaves at the vendor: the runtime remembers it, and does not send the same
   * body for the same subject again (`unchanged`).
   */
  leaves?: { subject: string; version: string | null }
  /**
   * Values in the request that are a person's own words and that no key tells of: masked wherever they stand in
   * what is stored of the exchange. E-mail addresses, phone numbers and fields with personal names need no mention.
   */
  personal?: readonly string[]
}

/** A delivery that is not sent, and why. `detail` names the field or setting concerned, without personal data. */
export type Skip = { delivery: string; reason: SkipReason; detail?: string }

export type Plan = { steps: Step[]; skips: Skip[] }

/** `merchant` says what happened and what to do, to a shop owner; `log` says it to an engineer. No personal data. */
type Messages = { merchant: string; log: string }

/**
 * What an answer means for a delivery.
 * - `delivered`: this step is done.
 * - `retry`: transient; try again, not before `notBefore` when the vendor announced it. `wholeLane`: a limit
 *   that concerns everything sent with these credentials, not this delivery alone.
 * - `dead`: this delivery can never succeed as it is.
 * - `refused`: credentials or set-up are wrong; the lane waits for a person.
 * - `skip`: the vendor says there is nothing to do.
 * - `learned`: the answer changed what is known ("contact_missing"); plan again with it at once.
 */
export type Reading =
  | ({ kind: 'delivered' } & Partial<Messages>)
  | ({ kind: 'retry'; notBefore?: Date; wholeLane?: boolean } & Messages)
  | ({ kind: 'dead'; reason: 'rejected' | 'partly_rejected' } & Messages)
  | ({ kind: 'refused' } & Messages)
  | ({ kind: 'skip'; reason: SkipReason } & Messages)
  | ({ kind: 'learned'; fact: string } & Messages)

/** One reading for all deliveries of the step, or one each by event id. */
export type Readings = Reading | ReadonlyMap<string, Reading>

export type Limit = {
  /** What shares the allowance: the credentials, the credentials from one sending address, or the address alone. */
  scope: 'key' | 'key+address' | 'address'
  requests: number
  windowSeconds: number
  /** The number is ours, because the vendor publishes none: what its answers say remains replaces it. */
  assumed?: true
}
export type Limits = { limits: Limit[]; batch: number; concurrency: number }

/** What an answer, also a good one, says about a limit. Whole numbers from 0; times are as the vendor said them. */
export type Announcement = {
  /** The limit it is about; when the answer does not say, the one with the fewest requests. */
  scope?: Limit['scope']
  /** The number that holds, in place of the declared one, in the declared window. */
  limit?: number
  /** How many more requests may come before `resetAt`. */
  remaining?: number
  resetAt?: Date
}

/** How a store event goes to a vendor by default; drawn in the admin, switched per shop. */
export type Row = {
  /** What it becomes there: "transaction", "detail-page-view". */
  becomes: string
  /** Optional rows are off until the merchant switches them on. */
  byDefault: boolean
  /** What a visitor must have allowed before a storefront event may go out, unless the shop chooses otherwise (purposes.ts). */
  purposes: readonly ConsentPurpose[]
}

/** Facts about the shop that a plan may use. */
export type ShopFacts = {
  /** "name.myshopify.com" */
  domain: string
  name: string | null
  /** ISO 4217 */
  currency: string | null
  /** "https://shop.example", without a trailing slash. */
  storefrontUrl: string
}

/** `off`: mapped, but switched off by the merchant. `no`: nothing to do with this vendor, or optional and not switched on. */
export type Want = 'yes' | 'off' | 'no'

/** `refused`: the vendor says that it does not accept the credentials. */
export type TestResult = { ok: boolean; refused?: boolean } & Messages
/** The harmless request that proves the credentials, and how to read its answer. */
export type ConnectionTest = { request: VendorRequest; read(answer: VendorAnswer): TestResult }

/** A value that a setting may have, as the account calls it. */
export type Offered = { value: string; label: string }
/** What an account has to choose from for a setting, by a harmless request that needs no more than credentials. */
export type Offering = {
  /** @param given settings as far as they are given, which may be nothing. @returns null when that is not enough to ask */
  request(given: Readonly<Record<string, unknown>>): VendorRequest | null
  read(
    answer: VendorAnswer,
    given: Readonly<Record<string, unknown>>,
  ): { offered: Offered[] } | (Messages & Pick<TestResult, 'refused'>)
}

export type Person = { customerId: string | null; email: string | null; visitorIds: readonly string[] }
/** Requests that erase the person at the vendor, or why that cannot be done by API. */
export type Forgetting = { requests: VendorRequest[] } | { cannot: string }

/** The declaration. `S` is the parsed settings. */
export type Vendor<S = unknown> = {
  id: string
  name: string
  /**
   * A zod object. Each field's `.meta()` holds what the form needs: `label`, `help`, `where` (where a
   * merchant finds the value), `secret: true` for what must be sealed, and
   * `leads: true` for what says where requests go.
   */
  settings: z.ZodType<S>
  rows: Partial<Record<EventType, Row>>
  limits(settings: S): Limits
  wants(event: StoreEvent, settings: S): Want
  /** The subject whose whole state this event carries here ("newest wins"), or null when each event stands alone. */
  stateOf(event: StoreEvent, settings: S): string | null
  plan(deliveries: readonly Planned[], settings: S, shop: ShopFacts): Plan
  read(step: Step, answer: VendorAnswer): Readings
  /** What the answer announces about a limit; null: nothing. A wait after a 429 is the reading's (`notBefore`). */
  announces?(answer: VendorAnswer, settings: S): Announcement | null
  /** What answers may teach (`learned`), so that people can be shown what is then sent; not there: nothing. */
  learns?: readonly string[]
  test(settings: S, shop: ShopFacts): ConnectionTest
  /** By setting; one that is not there is typed in. What is offered may be typed in as well. */
  offers?: Readonly<Record<string, Offering>>
  forget(person: Person, settings: S): Forgetting
}
