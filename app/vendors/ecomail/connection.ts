/** Proving Ecomail's key, and erasing a person there. */
import { z } from 'zod'
import { announcedTime, readFailedTest } from '../answers.ts'
import { credential } from '../settings.ts'
import type { ConnectionTest, Forgetting, Offering, Person, TestResult, VendorAnswer } from '../vendor.ts'
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

function readTest(answer: VendorAnswer, settings: Pick<EcomailSettings, 'apiKey' | 'listId'>): TestResult {
  const { status, body } = answer
  const words = wordsOf(answer, settings.apiKey)
  const log = `Ecomail answered ${status} to the test${words && `: ${words}`}`
  if (isWrongKey(words)) {
    return {
      ok: false,
      refused: true,
      merchant: 'Ecomail does not know this API key. Paste the current one.',
      log,
    }
  }
  if (status < 200 || status >= 300)
    return readFailedTest('Ecomail', answer, words || undefined, announcedTime(answer))
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

/** The account's lists, each with an `id` and a `name` (https://docs.ecomail.cz/api-reference/lists). */
export const lists: Offering = {
  request(given) {
    const { data: apiKey } = credential.safeParse(given.apiKey)
    return apiKey === undefined ? null : request({ apiKey }, 'GET', '/lists')
  },
  read(answer, given) {
    const { ok, ...failed } = readTest(answer, { apiKey: String(given.apiKey), listId: undefined })
    if (!ok) return failed
    return {
      offered: z
        .array(listSchema)
        .parse(answer.body)
        .flatMap(list => list ?? []),
    }
  },
}

/** An entry that is no list is left out. */
const listSchema = z
  .object({ id: z.union([z.number(), z.string()]), name: z.string().nullish() })
  .transform(({ id, name }) => ({ value: String(id), label: name ? `${name} (${id})` : String(id) }))
  .nullable()
  .catch(null)

/** Removes the contact from all lists (as in Ecomail's PHP client). */
export function forget(person: Person, settings: EcomailSettings): Forgetting {
  const email = person.email?.trim()
  if (!email) {
    return { cannot: 'Ecomail knows people by e-mail address, and none is known for this person.' }
  }
  return { requests: [request(settings, 'DELETE', `/subscribers/${pathPart(email)}/delete`)] }
}
