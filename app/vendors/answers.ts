/**
 * Reading what vendors' answers have in common: status classes and announced waits. Each vendor's `read`
 * handles its own bodies first and falls back to `readByStatus`.
 */
import { cut } from './values.ts'
import type { Announcement, Json, Reading, TestResult, VendorAnswer } from './vendor.ts'

/** How much of a vendor's own words is repeated in a message, in characters. */
const QUOTE_LIMIT = 200

const record = (value: Json): Record<string, Json> =>
  value && typeof value === 'object' && !Array.isArray(value) ? value : {}

/** The object under `key` of a JSON answer, or an empty object. */
export function objectIn(answer: VendorAnswer, key?: string): Record<string, Json> {
  const body = record(answer.body)
  return key === undefined ? body : record(body[key] ?? null)
}

/**
 * True for a body that is no JSON: a web page, a truncated answer. Something other than the vendor's interface may
 * have answered. An empty body is nothing of the kind.
 */
export function isNoJson({ body, text }: VendorAnswer): boolean {
  const start = text.trim()
  return body === null && start !== '' && start !== 'null'
}

/** A string field, or undefined when it is missing or something else. */
export function stringIn(source: Record<string, Json>, key: string): string | undefined {
  const value = source[key]
  return typeof value === 'string' ? value : undefined
}

/**
 * When the vendor says the next request may come, by this process's clock, from `Retry-After` (seconds or an HTTP date,
 * RFC 9110 §10.2.3; fractions, ISO 8601 and Unix seconds are understood too) or from a vendor's own header: `isoHeader`
 * holds an ISO 8601 instant, `epochHeader` Unix seconds. Undefined when nothing usable was announced. Times in the past
 * are returned as they are.
 */
export function announcedTime(
  answer: VendorAnswer,
  own: { isoHeader?: string; epochHeader?: string } = {},
): Date | undefined {
  const retryAfter = answer.headers['retry-after']?.trim()
  if (retryAfter && /^\d{1,9}(\.\d{1,9})?$/.test(retryAfter))
    return new Date(answer.receivedAt.getTime() + Number(retryAfter) * 1000)
  const date = retryAfter && (epochIn(retryAfter) ?? instantIn(retryAfter))
  return date ? byOurClock(answer, date) : resetTime(answer, own)
}

/** The time in a vendor's own header alone: on good answers there is no `Retry-After`. See `announcedTime`. */
export function resetTime(
  answer: VendorAnswer,
  own: { isoHeader?: string; epochHeader?: string },
): Date | undefined {
  const epoch = own.epochHeader && answer.headers[own.epochHeader]?.trim()
  const iso = own.isoHeader && answer.headers[own.isoHeader]?.trim()
  const date = (epoch && epochIn(epoch)) || (iso && ISO.test(iso) && instantIn(iso))
  return date ? byOurClock(answer, date) : undefined
}

const ISO = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})?$/
const ZONE = /(Z|GMT|[+-]\d{2}:?\d{2})$/
/** RFC 9110 §5.6.7: the form in use, and the two obsolete ones. All are in GMT. */
const HTTP_DATE = /^[A-Z][a-z]{2,8},? [\w: -]{16,24}?( GMT)?$/

/** Unix seconds. */
function epochIn(text: string): Date | undefined {
  return /^\d{9,11}$/.test(text) ? new Date(Number(text) * 1000) : undefined
}

/** Stricter than `Date`, which makes a year of "-5" and a month of "in 5"; without a zone it is GMT. */
function instantIn(text: string): Date | undefined {
  const isIso = ISO.test(text)
  if (!isIso && !HTTP_DATE.test(text)) return undefined
  const date = new Date(ZONE.test(text) ? text : `${text}${isIso ? 'Z' : ' GMT'}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** `Date` has whole seconds, and an answer takes a moment: less than this says nothing about clocks. */
const CLOCKS_AGREE_MS = 5_000

/** A time by the vendor's clock as this process's clock will show it: the answer's `Date` tells how far they are apart. */
function byOurClock({ headers, receivedAt }: VendorAnswer, time: Date): Date {
  const theirs = headers.date && instantIn(headers.date.trim())
  const apart = theirs ? receivedAt.getTime() - theirs.getTime() : 0
  return Math.abs(apart) < CLOCKS_AGREE_MS ? time : new Date(time.getTime() + apart)
}

/** A header that holds a whole number of at most nine digits; undefined for anything else. */
export function countIn({ headers }: VendorAnswer, name: string): number | undefined {
  const value = headers[name]?.trim()
  return value && /^\d{1,9}$/.test(value) ? Number(value) : undefined
}

/** The announcement without what was not said; null when nothing was. */
export function announcement(said: {
  scope?: Announcement['scope'] | undefined
  limit?: number | undefined
  remaining?: number | undefined
  resetAt?: Date | undefined
}): Announcement | null {
  const { scope, limit, remaining, resetAt } = said
  if (scope === undefined && limit === undefined && remaining === undefined) return null
  return {
    ...(scope && { scope }),
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(resetAt && { resetAt }),
  }
}

/** An e-mail address inside other words; its bounds keep long answers from costing quadratic time. */
const ADDRESS = /[^\s@<>"'(),;:]{1,254}@[^\s@<>"'(),;:]{1,254}/g

/**
 * The vendor's words, shortened, for a message; without line breaks and without e-mail addresses, a full stop at the end, nor what a
 * database does not keep (control characters, halves of surrogate pairs).
 */
export function quote(words: string): string {
  const line = words
    .slice(0, 10 * QUOTE_LIMIT)
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .replace(ADDRESS, '[e-mail]')
    .trim()
    // A full stop follows where it is quoted.
    .replace(/(?<!\.)\.$/, '')
  return line.length > QUOTE_LIMIT ? `${cut(line, QUOTE_LIMIT)}…` : line
}

/**
 * The meaning of a status that holds for every vendor here: 2xx delivered; 408, 425, 429 and 5xx transient;
 * 401 and 403 refused; 3xx transient (a moved or intercepted host); any other 4xx dead.
 * @param vendor name for the messages
 * @param words the vendor's own error text, if the body held one
 * @param notBefore from `announcedTime`
 */
export function readByStatus(
  vendor: string,
  answer: VendorAnswer,
  words: string | undefined,
  notBefore?: Date,
): Reading {
  const said = words ? `: ${quote(words)}` : ''
  const log = `${vendor} answered ${answer.status}${said}`
  const { status } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === 429) {
    const merchant = `${vendor} asks to slow down. Sluice waits and sends this again by itself.`
    return { kind: 'retry', wholeLane: true, ...(notBefore && { notBefore }), merchant, log }
  }
  if (status === 401 || status === 403) {
    return {
      kind: 'refused',
      merchant: `${vendor} refused the credentials${said}. Check them in the tool’s settings.`,
      log,
    }
  }
  if (status === 408 || status === 425 || status >= 500 || status < 400) {
    const merchant = `${vendor} could not take this just now. Sluice sends it again by itself.`
    return { kind: 'retry', ...(notBefore && { notBefore }), merchant, log }
  }
  return { kind: 'dead', reason: 'rejected', merchant: `${vendor} rejected this${said}.`, log }
}

/**
 * What the answer to a test means that is no success. Nobody sends a test again by itself, so each sentence says what the merchant can do.
 * Parameters as for `readByStatus`.
 */
export function readFailedTest(
  vendor: string,
  { status, receivedAt }: VendorAnswer,
  words: string | undefined,
  notBefore?: Date,
): TestResult {
  const said = words ? `: ${quote(words)}` : ''
  const failed = (merchant: string, refused = false) => ({
    ok: false,
    ...(refused && { refused }),
    merchant,
    log: `${vendor} answered ${status} to the test${said}`,
  })
  if (status === 401 || status === 403)
    return failed(`${vendor} refused the credentials${said}. Check them in the tool’s settings.`, true)
  if (status === 429)
    return failed(asksToSlowDown(vendor, notBefore && notBefore.getTime() - receivedAt.getTime()))
  if (status === 408 || status === 425 || status >= 500)
    return failed(`${vendor} does not answer properly just now. Try again later.`)
  return failed(`${vendor} gave an unexpected answer${said}. Try again, and check the API key.`)
}

const MINUTE_MS = 60_000
/** From here on in hours. */
const MANY_MINUTES = 120

/** That a test was too much for now, with when it is worth trying again, rounded up; a minute where nothing was announced. */
export function asksToSlowDown(vendor: string, forMs: number | undefined): string {
  const minutes = forMs === undefined ? 1 : Math.ceil(forMs / MINUTE_MS)
  if (minutes <= 1) return `${vendor} asks to slow down. Try again in a minute.`
  if (minutes < MANY_MINUTES) return `${vendor} asks to slow down. Try again in ${minutes} minutes.`
  return `${vendor} asks to slow down. Try again in ${Math.ceil(minutes / 60)} hours.`
}
