/**
 * From Ecomail's answers to what they mean. Documented are only the sample answers and 429 with `Retry-After`;
 * every other branch is tolerant: it acts on what the answer says and claims nothing that it does not.
 */
import { announcedTime, readByStatus } from '../answers.ts'
import type { Reading, Step, VendorAnswer } from '../vendor.ts'
import { hasErrors, isPage, isWrongKey, wordsOf } from './answers.ts'
import { FACT, STEP } from './plan.ts'

const NAME = 'Ecomail'
/** Not the mark that stands for an address which the answer repeats: any error may repeat one. */
const ABOUT_PERSON = /(?<!\[)e-?mail|subscriber|contact/i
const ABOUT_FORMAT = /valid (e-?mail|address)|format|required/i
const ABOUT_TARIFF = /\bmarketer\b|\bupgrade\b|\b(your|current|higher|paid) (plan|tariff)\b/i
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
  if (status === 402 || (isComplaint(status) && ABOUT_TARIFF.test(words))) {
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
      return readOrder(step, status, words, log) ?? readPerson(step, status, words, log)
    default:
      return readPerson(step, status, words, log)
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

function readOrder(step: Step, status: number, words: string, log: string): Reading | undefined {
  const creates = step.request.method === 'POST'
  if (creates && (status === 409 || (status === 422 && ORDER_TAKEN.test(words)))) {
    const merchant = 'Ecomail has this order already. Sluice updates it instead.'
    return { kind: 'learned', fact: FACT.orderExists, merchant, log }
  }
  if (!creates && status === 404 && !ABOUT_PERSON.test(words)) {
    const merchant = 'Ecomail does not have this order. Sluice creates it instead.'
    return { kind: 'learned', fact: FACT.orderMissing, merchant, log }
  }
  return undefined
}

function readPerson(step: Step, status: number, words: string, log: string): Reading | undefined {
  const aboutPerson = status === 404 || (isInvalid(status) && ABOUT_PERSON.test(words))
  if (!aboutPerson) return undefined
  if (status !== 404 && ABOUT_FORMAT.test(words)) {
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

function byStatus(answer: VendorAnswer, words: string): Reading {
  return readByStatus(NAME, answer, words || undefined, announcedTime(answer))
}

function rejected(words: string, log: string): Reading {
  return { kind: 'dead', reason: 'rejected', merchant: `Ecomail rejected this: ${words}.`, log }
}

const isInvalid = (status: number): boolean => status === 400 || status === 422
const isComplaint = (status: number): boolean => status >= 400 && status < 500 && status !== 429
