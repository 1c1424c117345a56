/**
 * People at Ecomail: a contact lives in a list (https://docs.ecomail.cz/api-reference/lists/subscribe).
 *
 * Rules kept here:
 * - Nobody is subscribed who does not accept e-mail marketing in Shopify. A contact made only so that Ecomail
 *   takes a person's events has status 2 (unsubscribed), as Ecomail's own shop plugins do it.
 * - An existing contact is left as it is (`update_existing` false), but for a change of consent, which is what
 *   the merchant asks to be passed on.
 * - `skip_confirmation` is always true: with Ecomail's default a confirmation mail would go to everybody added,
 *   also to those who accepted marketing in the shop already and to those who refused it.
 * - Automations of the list are not started (`trigger_autoresponders` false): an import must not welcome old customers.
 */
import type { StoreEvent } from '../../events/store-event.ts'
import type { Json, VendorRequest } from '../vendor.ts'
import { known, request } from './request.ts'
import type { EcomailSettings } from './settings.ts'

const SUBSCRIBED = 1
const UNSUBSCRIBED = 2

type ListSettings = Pick<EcomailSettings, 'apiKey'> & { listId: string }

function subscribeRequest(
  email: string,
  event: StoreEvent,
  settings: ListSettings,
  status: number,
  existing: boolean,
): VendorRequest {
  const { firstName, lastName } = event.actor
  const body: Json = {
    subscriber_data: { ...known({ email, name: firstName, surname: lastName }), status },
    trigger_autoresponders: false,
    update_existing: existing,
    skip_confirmation: true,
    resubscribe: existing,
  }
  return request(settings, 'POST', `/lists/${settings.listId}/subscribe`, body)
}

/** Adds the person if the list does not have them: subscribed when they accept marketing, else unsubscribed. */
export function addContact(email: string, event: StoreEvent, settings: ListSettings): VendorRequest {
  const status = event.actor.acceptsMarketing === true ? SUBSCRIBED : UNSUBSCRIBED
  return subscribeRequest(email, event, settings, status, false)
}

/** Subscribes the person, also one who had unsubscribed before: the consent is newer. */
export function subscribe(email: string, event: StoreEvent, settings: ListSettings): VendorRequest {
  return subscribeRequest(email, event, settings, SUBSCRIBED, true)
}

/** Ends the subscription; never adds a person (https://docs.ecomail.cz/api-reference/lists/unsubscribe). */
export function unsubscribe(email: string, settings: ListSettings): VendorRequest {
  return request(settings, 'DELETE', `/lists/${settings.listId}/unsubscribe`, { email })
}
