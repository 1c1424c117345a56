/**
 * From Topmail's answers to what they mean (https://api.topmail.so/developers/errors): an envelope
 * `{"error":{"code","message","path"}}`; a 404 is told by its code, and validation answers 400.
 */
import {
  announcedTime,
  announcement,
  countIn,
  objectIn,
  quote,
  readByStatus,
  resetTime,
  stringIn,
} from '../answers.ts'
import type { Announcement, Json, Reading, Step, VendorAnswer } from '../vendor.ts'
import { FACT, STEP } from './plan.ts'

const NAME = 'Topmail'
export const RESET = { isoHeader: 'x-ratelimit-reset' }

/**
 * `X-RateLimit-Remaining` and `X-RateLimit-Reset`, of a sliding window of the key
 * (https://api.topmail.so/developers/authentication). The number itself is not published.
 */
export function announces(answer: VendorAnswer): Announcement | null {
  return announcement({
    remaining: countIn(answer, 'x-ratelimit-remaining'),
    resetAt: resetTime(answer, RESET),
  })
}

/** What an answer's error says: `code` for the machine, `words` for people (no addresses, no key). */
export function errorIn(answer: VendorAnswer, apiKey: string): { code: string; words: string } {
  const error = objectIn(answer, 'error')
  const path = stringIn(error, 'path')
  const message = stringIn(error, 'message') ?? stringIn(objectIn(answer), 'error') ?? ''
  const words = path && message ? `${path}: ${message}` : message
  return {
    code: stringIn(error, 'code') ?? '',
    words: quote(apiKey ? words.replaceAll(apiKey, '(key)') : words),
  }
}

/** What the answer means for the one delivery of the step. */
export function read(step: Step, answer: VendorAnswer): Reading {
  const apiKey = (step.request.headers.Authorization ?? '').replace(/^Bearer /, '')
  const { code, words } = errorIn(answer, apiKey)
  const said = [quote(code), words].filter(part => part !== '').join(' ')
  const log = `${NAME} answered ${answer.status} to ${step.name}${said && `: ${said}`}`
  const { status } = answer
  if (status >= 200 && status < 300) return readSuccess(step, answer, log)
  if (status === 403) return { kind: 'refused', merchant: refusal(code, words), log }
  if (status === 404 && code === 'contact_not_found' && step.name !== STEP.createContact)
    return contactMissing(log)
  if (status === 409) {
    return { kind: 'delivered', merchant: 'Topmail has this already.', log }
  }
  if (status === 400 && step.name === STEP.createContact) {
    const merchant = `Topmail does not accept this person as a contact${words && `: ${words}`}.`
    return { kind: 'skip', reason: 'contact_refused', merchant, log }
  }
  return readByStatus(NAME, answer, said || undefined, announcedTime(answer, RESET))
}

function readSuccess(step: Step, answer: VendorAnswer, log: string): Reading {
  if (answer.body === null && answer.text.trimStart().startsWith('<')) {
    const merchant = 'Topmail answered with a web page instead of data. Sluice sends this again by itself.'
    return { kind: 'retry', merchant, log: `${log} (a page, not JSON)` }
  }
  if (step.name !== STEP.findContact) return { kind: 'delivered' }
  const email = new URL(step.request.url).searchParams.get('search') ?? ''
  const contacts = objectIn(answer).data
  if (!Array.isArray(contacts)) {
    const merchant = 'Topmail’s answer does not hold a list of contacts.'
    return { kind: 'dead', reason: 'rejected', merchant, log: `${log} (no data array)` }
  }
  const id = contactIdIn(contacts, email)
  if (id === undefined) return contactMissing(log)
  return { kind: 'learned', fact: `${FACT.contactId}${id}`, merchant: 'Topmail knows this person.', log }
}

/** The id of the contact with this very address; the search may find others that resemble it. */
function contactIdIn(contacts: readonly Json[], email: string): string | undefined {
  for (const contact of contacts) {
    if (!contact || typeof contact !== 'object' || Array.isArray(contact)) continue
    const id = stringIn(contact, 'id')
    if (id && stringIn(contact, 'email')?.toLowerCase() === email.toLowerCase()) return id
  }
  return undefined
}

function contactMissing(log: string): Reading {
  const merchant = 'Topmail does not know this person as a contact.'
  return { kind: 'learned', fact: FACT.contactMissing, merchant, log }
}

function refusal(code: string, words: string): string {
  if (code === 'limit_reached') {
    return 'Your Topmail plan’s limit is reached. Raise it at Topmail, then test this connection again.'
  }
  const said = words && `: ${words}`
  return `The Topmail key may not do this${said}. Give it the permission in Topmail’s API keys.`
}
