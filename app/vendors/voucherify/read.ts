/**
 * What Voucherify's answers mean. Success: `{"object":"event","type":…}`. Errors: `{code, key, message,
 * details}`, where `code` repeats the status; a 429 may also be plain text (Voucherify's reference, "Errors").
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
import type { Announcement, Json, Reading, Step, TestResult, VendorAnswer } from '../vendor.ts'
import type { VoucherifySettings } from './settings.ts'

const NAME = 'Voucherify'

/** The person's own values in the request, which an error's `details` may repeat; the longest first. */
function personal(step: Step): string[] {
  const { body } = step.request
  const customer = body && typeof body === 'object' && !Array.isArray(body) ? body.customer : null
  const values: Json[] =
    customer && typeof customer === 'object' && !Array.isArray(customer) ? Object.values(customer) : []
  return [...values, ...(step.personal ?? [])]
    .filter(value => typeof value === 'string')
    .filter(value => value.length > 2)
    .sort((a, b) => b.length - a.length)
}

/** The error's key, message and details; undefined when the body holds none of them. */
function wordsOf(answer: VendorAnswer, hidden: readonly string[] = []): string | undefined {
  const body = objectIn(answer)
  const message =
    stringIn(body, 'message') ?? stringIn(objectIn(answer, 'error'), 'message') ?? stringIn(body, 'error')
  const said = [stringIn(body, 'key'), message, stringIn(body, 'details')]
    .filter(Boolean)
    .join(', ')
    .slice(0, 2000)
  return hidden.reduce((words, value) => words.replaceAll(value, '[customer]'), said) || undefined
}

/** The status that counts: an error object's own `code` where a 2xx carries one. */
function statusOf(answer: VendorAnswer): number {
  const { code } = objectIn(answer)
  const success = answer.status >= 200 && answer.status < 300
  const stated = typeof code === 'number' && Number.isInteger(code) && code >= 400 && code < 600
  return success && stated ? code : answer.status
}

/** Other limits have counts of their own: of bulk requests, of webhooks. */
const OTHER_TYPES = /^(bulk_api_calls|webhook_calls)$/
const CYCLE = 'api_calls_cycle'

/**
 * `X-Rate-Limit-Limit`, `-Remaining`, `-Retry` (Unix seconds of the next allowed call) and `-Type`
 * (https://docs.voucherify.io/guides/limits). Those of a billing cycle, and those that client-side keys hear, may
 * not be about the declared limit: only that nothing remains is taken from them.
 */
export function announces(answer: VendorAnswer, settings: VoucherifySettings): Announcement | null {
  const type = answer.headers['x-rate-limit-type']?.trim() ?? ''
  if (OTHER_TYPES.test(type)) return null
  const remaining = countIn(answer, 'x-rate-limit-remaining')
  const resetAt = resetTime(answer, { epochHeader: 'x-rate-limit-retry' })
  const elsewhere = type === CYCLE || settings.mode === 'client'
  if (elsewhere) return remaining === 0 && resetAt ? announcement({ remaining, resetAt }) : null
  return announcement({ limit: countIn(answer, 'x-rate-limit-limit'), remaining, resetAt })
}

const waitOf = (answer: VendorAnswer): Date | undefined =>
  announcedTime(answer, { epochHeader: 'x-rate-limit-retry' })

function keysRefused(said: string): string {
  return `Voucherify refused the keys${said}. Check them, and the region: keys of one region do not work in another.`
}

function readFailure(status: number, answer: VendorAnswer, words: string | undefined): Reading {
  const said = words ? `: ${quote(words)}` : ''
  const log = `${NAME} answered ${answer.status}${status === answer.status ? '' : ` with code ${status}`}${said}`
  if (status === 401) return { kind: 'refused', merchant: keysRefused(said), log }
  if (status === 402) {
    const merchant = `Your Voucherify plan does not cover this request${said}. Raise the plan in Voucherify, then release the waiting events.`
    return { kind: 'refused', merchant, log }
  }
  if (status === 404 && (!words || /\b(project|application|cluster)\b/i.test(words))) {
    return {
      kind: 'refused',
      merchant: `Nothing at this Voucherify address takes events${said}. Check the region and the keys.`,
      log,
    }
  }
  if (status === 423) {
    return {
      kind: 'retry',
      merchant: 'Voucherify is busy with this customer. Sluice sends this again by itself.',
      log,
    }
  }
  const reading = readByStatus(NAME, { ...answer, status }, words, waitOf(answer))
  if (status !== 429) return { ...reading, log } as Reading
  const merchant = `${NAME} asks to slow down. Sluice waits and sends this again by itself. If it lasts, check that your Voucherify subscription is active.`
  return { ...reading, merchant, log } as Reading
}

/** The reading of the step's one delivery. */
export function readVoucherify(step: Step, answer: VendorAnswer): Reading {
  const status = statusOf(answer)
  const words = wordsOf(answer, personal(step))
  if (status < 200 || status >= 300) return readFailure(status, answer, words)
  const body = objectIn(answer)
  if (body.object === 'event' || typeof body.type === 'string') return { kind: 'delivered' }
  if (body.error || stringIn(body, 'key')) return readFailure(400, answer, words)
  if (isNoJson(answer)) {
    const merchant = 'Voucherify’s answer could not be understood. Sluice sends this again by itself.'
    return { kind: 'retry', merchant, log: `${NAME} answered ${answer.status} without JSON` }
  }
  // Sending again would count twice.
  return {
    kind: 'delivered',
    log: `${NAME} answered ${answer.status} without an event${words ? `: ${quote(words)}` : ''}`,
  }
}

/** The answer of the test request: a documented list. */
export function readVoucherifyTest(answer: VendorAnswer): TestResult {
  const status = statusOf(answer)
  const words = wordsOf(answer)
  const said = words ? `: ${quote(words)}` : ''
  const log = `${NAME} answered ${answer.status}${said}`
  if (status === 200 && objectIn(answer).object === 'list') {
    return {
      ok: true,
      merchant:
        'Voucherify accepts the keys. This test does not check event names: define each in Voucherify’s event schema, exactly as here, before you start.',
      log,
    }
  }
  if (status === 401) return { ok: false, refused: true, merchant: keysRefused(said), log }
  if (status === 402)
    return { ok: false, merchant: `Your Voucherify plan does not cover this request${said}.`, log }
  if (status === 403)
    return {
      ok: false,
      refused: true,
      merchant: `Voucherify does not let these keys do this${said}. Check the keys and, for client keys, the allowed URLs.`,
      log,
    }
  if (status === 429 || status >= 500) return readFailedTest(NAME, answer, words, waitOf(answer))
  return {
    ok: false,
    merchant: `Voucherify gave an unexpected answer${said}. Check the region, the API address and the keys.`,
    log,
  }
}
