/**
 * What Alana's answers mean. A 200 holds `{status, stored, errors}` and can hide failures
 * (https://docs.alana.shopping/api-reference/v1/events); errors come as `{error: {code, message, details?}}`
 * in three documented variants, read leniently.
 */
import {
  announcedTime,
  announcement,
  countIn,
  isNoJson,
  objectIn,
  quote,
  readByStatus,
  readFailedTest,
  resetTime,
  stringIn,
} from '../answers.ts'
import type { Announcement, Json, Limit, Reading, Step, TestResult, VendorAnswer } from '../vendor.ts'
import { SEND_ALONE } from './plan.ts'

const NAME = 'Alana'

/** What to do about the documented authentication codes. */
const AUTH_REMEDIES: Readonly<Record<string, string>> = {
  AUTH_001: 'Alana received no API key. Enter it again in the settings.',
  AUTH_002:
    'Alana does not know this API key, or it was revoked. Make a new key in Alana and enter it in the settings.',
  AUTH_003: 'This API key may not record events. Give it that permission in Alana, or make a new key.',
  AUTH_004:
    'This API key belongs to a workspace it may not use. Take the key of the workspace that holds your catalogue.',
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

function detailWords(details: Json | undefined): string {
  if (!Array.isArray(details)) return textOf(details)
  const items = details.map(item => (item && typeof item === 'object' && !Array.isArray(item) ? item : {}))
  return items.map(item => [textOf(item.field), textOf(item.message)].filter(Boolean).join(' ')).join('; ')
}

function errorOf(answer: VendorAnswer): { code: string | undefined; words: string | undefined } {
  const plain = stringIn(objectIn(answer), 'error')
  if (plain) return { code: undefined, words: plain }
  const error = objectIn(answer, 'error')
  const code = stringIn(error, 'code')
  const said = [
    code,
    stringIn(error, 'message') ?? stringIn(objectIn(answer), 'message'),
    detailWords(error.details),
  ]
  return { code, words: said.filter(Boolean).join(' ') || undefined }
}

function refusal(code: string | undefined, words: string | undefined): string {
  const remedy = code && Object.hasOwn(AUTH_REMEDIES, code) ? AUTH_REMEDIES[code] : undefined
  return remedy ?? `Alana refused the API key${words ? `: ${quote(words)}` : ''}. Check it in the settings.`
}

const answered = ({ status }: VendorAnswer, words: string | undefined): string =>
  `${NAME} answered ${status}${words ? `: ${quote(words)}` : ''}`

const count = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined

function dead(reason: 'rejected' | 'partly_rejected', merchant: string, log: string): Reading {
  return { kind: 'dead', reason, merchant, log }
}

/**
 * A 2xx. Where it counts, only an answer that accounts for every event sent is a delivery: events that Alana neither
 * stored nor counted as errors are taken as not stored. One without counts is believed, for sending again would store
 * twice; only what is no JSON at all is tried again.
 */
function readAccepted(answer: VendorAnswer, sent: number): Reading {
  const body = objectIn(answer)
  const [stored, errors] = [count(body.stored), count(body.errors)]
  const log = `${NAME} answered ${answer.status}: sent ${sent}, stored ${stored ?? 'not said'}, errors ${errors ?? 'not said'}`
  if (isNoJson(answer)) {
    const merchant = 'Alana’s answer could not be understood. Sluice sends this again by itself.'
    return { kind: 'retry', merchant, log: `${NAME} answered ${answer.status} without JSON` }
  }
  if (stored === undefined && errors === undefined) return { kind: 'delivered', log }
  const lost = Math.min(sent, Math.max(errors ?? 0, stored === undefined ? 0 : sent - stored))
  if (lost === 0) return { kind: 'delivered', ...(stored !== undefined && stored !== sent && { log }) }
  if (lost === sent) {
    const what = sent === 1 ? 'this event' : `all ${sent} events sent together`
    return dead(
      'rejected',
      `Alana rejected ${what}. Check that the product identifier is one that Alana’s catalogue knows.`,
      log,
    )
  }
  const merchant =
    `Alana rejected ${lost} of ${sent} events that were sent together, and does not say which. ` +
    'Sending them again would count the accepted ones twice.'
  return dead('partly_rejected', merchant, log)
}

/** True for an error in place of counts. A `message` alone may be any words. */
function saysError(answer: VendorAnswer): boolean {
  const body = objectIn(answer)
  return Boolean(body.error) && !('stored' in body)
}

/** The reading of every delivery of the step. */
export function readAlana(step: Step, answer: VendorAnswer): Reading {
  const { status } = answer
  const { code, words } = errorOf(answer)
  const success = status >= 200 && status < 300
  if (status === 401 || status === 403 || (success && code?.startsWith('AUTH_')))
    return { kind: 'refused', merchant: refusal(code, words), log: answered(answer, words) }
  if (success && words && saysError(answer)) {
    return dead(
      'rejected',
      `Alana rejected this: ${quote(words)}.`,
      `${NAME} answered ${status} with an error: ${quote(words)}`,
    )
  }
  if (success) return readAccepted(answer, step.deliveries.length)
  const wholeBatch = status === 400 || status === 413 || status === 422
  if (wholeBatch && step.deliveries.length > 1) {
    const merchant = 'Alana refused a group of events. Sluice sends them one by one.'
    return {
      kind: 'learned',
      fact: SEND_ALONE,
      merchant,
      log: `${NAME} answered ${status} to ${step.deliveries.length} events${words ? `: ${quote(words)}` : ''}`,
    }
  }
  return readByStatus(NAME, answer, words, announcedTime(answer, RESET))
}

/** How Alana writes the reset is not documented: both known forms are read. */
const RESET = { epochHeader: 'x-ratelimit-reset', isoHeader: 'x-ratelimit-reset' }
/** The documented codes of a 429: "per-key limit" and "concurrent from the same IP". */
const LIMIT_CODES: Readonly<Record<string, Limit['scope']>> = { RATE_001: 'key', RATE_002: 'key+address' }

/**
 * `X-RateLimit-Remaining` and `X-RateLimit-Reset`, "on every response" (Alana's page on errors). Which of the two limits
 * a count is about is said on a 429 only, so the limit's number is not taken.
 */
export function announces(answer: VendorAnswer): Announcement | null {
  const { code } = errorOf(answer)
  const scope = code && Object.hasOwn(LIMIT_CODES, code) ? LIMIT_CODES[code] : undefined
  const remaining = countIn(answer, 'x-ratelimit-remaining')
  return announcement({ scope, remaining, resetAt: resetTime(answer, RESET) })
}

/** The answer of the autocomplete request, which is read-only and takes the same key as events. */
export function readAlanaTest(answer: VendorAnswer): TestResult {
  const { code, words } = errorOf(answer)
  const log = `${NAME} answered ${answer.status}${words ? `: ${quote(words)}` : ''}`
  if (answer.status === 200 && answer.body !== null && typeof answer.body === 'object' && !words) {
    return { ok: true, merchant: 'Alana accepts the API key.', log }
  }
  if (answer.status === 401 || answer.status === 403 || code?.startsWith('AUTH_'))
    return { ok: false, refused: true, merchant: refusal(code, words), log }
  return readFailedTest(NAME, answer, words, announcedTime(answer, RESET))
}
