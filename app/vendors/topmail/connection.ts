/** Proving Topmail's key, and what erasing a person means there. */
import { announcedTime, readFailedTest } from '../answers.ts'
import type { ConnectionTest, Forgetting, TestResult, VendorAnswer } from '../vendor.ts'
import { errorIn, RESET } from './read.ts'
import { request } from './request.ts'
import type { TopmailSettings } from './settings.ts'

/** Reads one contact (https://api.topmail.so/developers/contacts), which changes nothing. */
export function test(settings: TopmailSettings): ConnectionTest {
  return {
    request: request(settings, 'GET', '/contacts?limit=1'),
    read: answer => readTest(answer, settings),
  }
}

function readTest(answer: VendorAnswer, settings: TopmailSettings): TestResult {
  const { words } = errorIn(answer, settings.apiKey)
  const { status } = answer
  const log = `Topmail answered ${status} to the test${words && `: ${words}`}`
  if (status === 403) {
    const merchant =
      'Topmail knows this key, but the key may not read contacts. Give it the contacts permission in Topmail’s API keys.'
    return { ok: false, refused: true, merchant, log }
  }
  if (status < 200 || status >= 300)
    return readFailedTest('Topmail', answer, words || undefined, announcedTime(answer, RESET))
  if (answer.body === null || typeof answer.body !== 'object') {
    const merchant = 'Topmail answered, but not with contacts. Try again in a minute.'
    return { ok: false, merchant, log: `${log} (not JSON)` }
  }
  const sandbox = settings.apiKey.startsWith('tm_test_')
    ? ' It is a test key: Topmail only simulates e-mails.'
    : ''
  return { ok: true, merchant: `Topmail accepted the key.${sandbox}`, log }
}

/** Topmail deletes a contact by its own id, which only a search there can tell. */
export function forget(): Forgetting {
  return {
    cannot:
      'Topmail deletes a contact only by an id of its own. In Topmail, open Contacts, search for the person’s e-mail address and delete the contact.',
  }
}
