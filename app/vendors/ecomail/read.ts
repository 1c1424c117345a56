/**
 * From Ecomail's answers to what they mean. Documented are only the sample answers and 429 with `Retry-After`;
 * every other branch is tolerant: it acts on what the answer says and claims nothing that it does not.
 */
import { announcedTime, readByStatus } from '../answers.ts'
import type { Reading, Step, VendorAnswer } from '../vendor.ts'
import { fieldErrors, hasErrors, isPage, isWrongKey, wordsOf } from './answers.ts'
import { FACT, STEP } from './plan.ts'

const NAME = 'Ecomail'
/** A field of an error that names a person: `event.email`. */
const PERSON_FIELD = /(^|\.)(e-?mail|subscriber|contact)(_?(id|address|email))?$/i
/** A sentence about a person. A word alone says nothing: any error may repeat an address, or say "contact support". */
const PERSON_WORDS = new RegExp(
  [
    String.raw`(?<!\[)\b(subscriber|contact|e-?mail)( \S+){0,4}? (not found|not exist|(must|already) exist|unknown|missing|(in)?valid|required|not (in|on|a|subscribed))\b`,
    String.raw`\b(no such|unknown|not find|non-?existing) (\S+ ){0,2}?(subscriber|contact|e-?mail)\b`,
  ].join('|'),
  'i',
)
const ABOUT_FORMAT = /valid (e-?mail|address)|format|required/i
const ABOUT_TARIFF =
  /\bmarketer\b|\bupgrade (your|the|to an?) (\S+ )?(plan|tariff|account|subscription)\b|\b(your|current|higher|paid) (plan|tariff)\b/i
const TARIFF_FIELD = /plan|tariff|account|subscription/i
const ORDER_TAKEN = /order.?id.*(already|taken|exist|duplicate)/i

/** What the answer means for the one delivery of the step. */
export function read(step: Step, answer: VendorAnswer): Reading {
  const { status } = answer
  const words = wordsOf(answer, step.request.headers.key ?? '')
  const log = `${NAME} answered ${status} to ${step.name}${words && `: ${words}`}`
  if (isWrongKey(words)) {
    return { kind: 'refused', merchant: 'Ecomail does not know this API key. Paste the current one.', log }
  }
  if (status >= 200 && status < 300) return readSuccess(step, answer, words, log)
  if (status === 402 || (isComplaint(status) && isAboutTariff(answer, words))) {
    const merchant =
      'Your Ecomail plan does not include this. Orders, carts and events need a higher plan at Ecomail.'
    return { kind: 'refused', merchant, log }
  }
  return readByStep(step, answer, words, log) ?? byStatus(answer, words)
}

function readSuccess(step: Step, answer: VendorAnswer, words: string, log: string): Reading {
  if (isPage(answer)) {
    const merchant = 'Ecomail answered with a web page instead of data. Sluice sends this again by itself.'
    return { kind: 'retry', merchant, log: `${log} (a page, not JSON)` }
  }
  if (!hasErrors(answer)) return { kind: 'delivered' }
  return readByStep(step, { ...answer, status: 422 }, words, log) ?? rejected(words, log)
}

/** What the answer means for this kind of step, or undefined when its status says it all. */
function readByStep(step: Step, answer: VendorAnswer, words: string, log: string): Reading | undefined {
  const { status } = answer
  switch (step.name) {
    case STEP.createContact:
    case STEP.subscribe:
      return readContact(status, words, log)
    case STEP.unsubscribe:
      return status === 404
        ? { kind: 'delivered', merchant: 'Ecomail’s list does not have this person.', log }
        : undefined
    case STEP.transaction:
      return readOrder(step, answer, words, log) ?? readPerson(step, answer, words, log)
    default:
      return readPerson(step, answer, words, log)
  }
}

function readContact(status: number, words: string, log: string): Reading | undefined {
  if (status === 404) {
    const merchant = 'Ecomail does not have the list that is set here. Check its number.'
    return { kind: 'refused', merchant, log }
  }
  if (status !== 400 && status !== 422) return undefined
  const merchant = `Ecomail does not accept this person as a contact${words && `: ${words}`}.`
  return { kind: 'skip', reason: 'contact_refused', merchant, log }
}

function readOrder(step: Step, answer: VendorAnswer, words: string, log: string): Reading | undefined {
  const { status } = answer
  const creates = step.request.method === 'POST'
  if (creates && (status === 409 || (status === 422 && ORDER_TAKEN.test(words)))) {
    const merchant = 'Ecomail has this order already. Sluice updates it instead.'
    return { kind: 'learned', fact: FACT.orderExists, merchant, log }
  }
  if (!creates && status === 404 && personWords(answer, words) === undefined) {
    const merchant = 'Ecomail does not have this order. Sluice creates it instead.'
    return { kind: 'learned', fact: FACT.orderMissing, merchant, log }
  }
  return undefined
}

function readPerson(step: Step, answer: VendorAnswer, words: string, log: string): Reading | undefined {
  const { status } = answer
  const said = isInvalid(status) ? personWords(answer, words) : undefined
  if (status !== 404 && said === undefined) return undefined
  if (said !== undefined && ABOUT_FORMAT.test(said)) {
    const merchant = `Ecomail does not accept this person’s e-mail address: ${words}.`
    return { kind: 'skip', reason: 'contact_refused', merchant, log }
  }
  if (step.name === STEP.clearBasket) {
    return {
      kind: 'delivered',
      merchant: 'Ecomail does not know this person, so there is no basket to empty.',
      log,
    }
  }
  const merchant = 'Ecomail does not know this person as a contact.'
  return { kind: 'learned', fact: FACT.contactMissing, merchant, log }
}

/** What the answer says about the person: of the fields that name one, else in whole sentences; undefined: nothing. */
function personWords(answer: VendorAnswer, words: string): string | undefined {
  const own = fieldErrors(answer).filter(({ field }) => PERSON_FIELD.test(field))
  if (own.length > 0) return own.map(error => error.words).join(' ')
  return PERSON_WORDS.test(words) ? words : undefined
}

/** A validation error that happens to speak of upgrading is no matter of the plan. */
function isAboutTariff(answer: VendorAnswer, words: string): boolean {
  return ABOUT_TARIFF.test(words) && fieldErrors(answer).every(({ field }) => TARIFF_FIELD.test(field))
}

function byStatus(answer: VendorAnswer, words: string): Reading {
  return readByStatus(NAME, answer, words || undefined, announcedTime(answer))
}

function rejected(words: string, log: string): Reading {
  return { kind: 'dead', reason: 'rejected', merchant: `Ecomail rejected this: ${words}.`, log }
}

const isInvalid = (status: number): boolean => status === 400 || status === 422
const isComplaint = (status: number): boolean => status >= 400 && status < 500 && status !== 429
