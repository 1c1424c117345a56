/**
 * What the four stand-in vendors share: the words for a request, an answer, and what an inbox keeps.
 * Nothing here or beside it imports the app: the stand-ins are written from the vendors' documentation alone,
 * so that they can contradict the app.
 */

export const VENDORS = ['ecomail', 'topmail', 'alana', 'voucherify'] as const
export type VendorName = (typeof VENDORS)[number]

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** One request as a stand-in sees it. Header names are lower case; `path` has no query string. */
export type Call = {
  method: string
  path: string
  query: URLSearchParams
  /** Decoded values of the route's `:name` segments. */
  params: Record<string, string>
  headers: Record<string, string>
  /** The parsed JSON body; undefined when there was none or it was not JSON. */
  body: unknown
  /** The caller's IP address, for limits that count by address. */
  address: string
}

export type Answer = {
  status: number
  body: Json
  headers?: Record<string, string>
  /** Whether the vendor took it. Unset: every status below 400. */
  accepted?: boolean
  /** How many events, orders or contacts were stored because of it. Unset: none. */
  taken?: number
  /** What a careful reader of the documentation would object to, though the request passes. */
  warnings?: string[]
  /** A refusal of no harm: whom the request is about is not known yet, which the vendor's documentation tells senders to expect. */
  absent?: true
}

export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** "/tracker/transaction/:id" */
  path: string
  /** The endpoint takes no body, although its method usually has one. */
  bodiless?: true
  handle(call: Call): Answer
}

/** What the limits say about a call: headers for every answer, and the refusal when it is one too many. */
export type Admission = { headers: Record<string, string>; refusal?: Answer }

/** One vendor's documented behaviour. `problem` wraps a message in the vendor's own error shape. */
export type Rules = {
  admit(call: Call): Admission
  /** Null when the credentials are good, otherwise the vendor's refusal. */
  authenticate(call: Call): Answer | null
  routes: readonly Route[]
  problem(status: number, message: string): Answer
  /** Adds people whom the vendor knows already. Vendors without contacts do nothing. */
  addContacts(emails: readonly string[]): void
  /** Forgets contacts, orders and spent allowances; keeps what was given at the start. */
  reset(): void
}

/** One request as the inbox keeps it. */
export type Received = {
  /** 1, 2, 3 … per vendor; goes on after the inbox is cleared. */
  seq: number
  /** ISO 8601 UTC. */
  at: string
  method: string
  /** With its query string; credentials in it are masked. */
  path: string
  /** Credentials are masked to their last four characters. */
  headers: Record<string, string>
  /** Parsed JSON, the raw text when it was not JSON, null when there was none. */
  body: Json
  /** The vendor's status; 0 when a fault left the caller without any answer. */
  status: number
  answer: Json
  accepted: boolean
  taken: number
  warnings: string[]
  absent?: true
  idempotencyKey?: string
  /** What a fault did to the answer on its way back. */
  fault?: string
}

/** Exact since the last clearing, also for entries that the bounded inbox no longer keeps. */
export type Counts = {
  received: number
  accepted: number
  refused: number
  /** Of those refused, for whom was not known yet. */
  absent: number
  taken: number
  warned: number
  kept: number
}

/** The time in milliseconds since 1970; replaced in tests. */
export type Clock = () => number
