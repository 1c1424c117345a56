/**
 * People at Topmail (https://api.topmail.so/developers/contacts).
 *
 * Rules kept here:
 * - Topmail subscribes a new contact unless told otherwise, so `subscribed` is always sent.
 * - A contact is created only for a person who accepts e-mail marketing in Shopify, and then as subscribed.
 *   Refused or not known: nobody is added.
 * - A change of consent is passed on to an existing contact by Topmail's id, which is looked up first.
 */
import type { StoreEvent } from '../../events/store-event.ts'
import { cut } from '../values.ts'
import type { VendorRequest } from '../vendor.ts'
import { known, request } from './request.ts'
import type { TopmailSettings } from './settings.ts'

const NAME_LENGTH = 100
/** The lookup is a search by text: enough of its first results to hold the very address. */
const LOOKUP_LIMIT = 100

type Key = Pick<TopmailSettings, 'apiKey'>

/** Adds the person as subscribed. The caller has made sure that they accept e-mail marketing. */
export function createContact(
  email: string,
  event: StoreEvent,
  settings: Key,
  idempotencyKey: string,
): VendorRequest {
  const { firstName, lastName } = event.actor
  const body = {
    ...known({
      email,
      first_name: cut(firstName ?? '', NAME_LENGTH),
      last_name: cut(lastName ?? '', NAME_LENGTH),
    }),
    subscribed: true,
  }
  return request(settings, 'POST', '/contacts', { body, idempotencyKey })
}

/** Searches for the person; `contactIdIn` reads the answer. */
export function findContact(email: string, settings: Key): VendorRequest {
  const query = new URLSearchParams({ search: email, limit: String(LOOKUP_LIMIT) })
  return request(settings, 'GET', `/contacts?${query}`)
}

/** Changes only whether the contact is subscribed. */
export function setSubscribed(
  contactId: string,
  subscribed: boolean,
  settings: Key,
  idempotencyKey: string,
): VendorRequest {
  return request(settings, 'PATCH', `/contacts/${encodeURIComponent(contactId)}`, {
    body: { subscribed },
    idempotencyKey,
  })
}
