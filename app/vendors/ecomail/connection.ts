/** Proving Ecomail's key, and erasing a person there. */
import { readByStatus } from '../answers.ts'
import type { ConnectionTest, Forgetting, Person, TestResult, VendorAnswer } from '../vendor.ts'
import { isWrongKey, wordsOf } from './answers.ts'
import { pathPart, request } from './request.ts'
import type { EcomailSettings } from './settings.ts'

/**
 * Reads the account's lists (https://docs.ecomail.cz/api-reference/introduction). Only an array proves the
 * key: Ecomail's own plugins find "Wrong api key" in answers of any status.
 */
export function test(settings: EcomailSettings): ConnectionTest {
  return { request: request(settings, 'GET', '/lists'), read: answer => readTest(answer, settings) }
}

function readTest(answer: VendorAnswer, settings: EcomailSettings): TestResult {
  const { status, body } = answer
  const words = wordsOf(answer, settings.apiKey)
  const log = `Ecomail answered ${status} to the test${words && `: ${words}`}`
  if (isWrongKey(words)) {
    return { ok: false, merchant: 'Ecomail does not know this API key. Paste the current one.', log }
  }
  const reading = readByStatus('Ecomail', answer, words || undefined)
  if (reading.kind !== 'delivered') return { ok: false, merchant: reading.merchant, log }
  if (!Array.isArray(body)) {
    return {
      ok: false,
      merchant: 'Ecomail answered, but not with your lists. Try again in a minute.',
      log: `${log} (no array)`,
    }
  }
  const merchant =
    settings.listId && !hasList(body, settings.listId)
      ? `Ecomail accepted the key, but did not name a list ${settings.listId}. Check its number.`
      : 'Ecomail accepted the key.'
  return { ok: true, merchant, log }
}

function hasList(lists: readonly unknown[], listId: string): boolean {
  return lists.some(
    list => typeof list === 'object' && list !== null && 'id' in list && String(list.id) === listId,
  )
}

/** Removes the contact from all lists (as in Ecomail's PHP client). */
export function forget(person: Person, settings: EcomailSettings): Forgetting {
  const email = person.email?.trim()
  if (!email) {
    return { cannot: 'Ecomail knows people by e-mail address, and none is known for this person.' }
  }
  return { requests: [request(settings, 'DELETE', `/subscribers/${pathPart(email)}/delete`)] }
}
