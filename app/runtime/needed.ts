/** What a vendor needs a visitor to have allowed for an event, and how that stands. Pure. */
import { CONSENT_PURPOSES, type ConsentPurpose, type StoreEvent } from '../events/store-event.ts'
import type { RefusedAt } from '../identity/refusals.ts'
import { isVisit, purposesOf } from '../vendors/purposes.ts'
import type { Vendor } from '../vendors/vendor.ts'

/**
 * `unanswered`: the browser was not asked, or did not answer; `unknown`: nobody was to ask, it is a notice of Shopify's; `withdrawn`: allowed
 * when it happened, and refused since.
 */
export type Needed = {
  purpose: ConsentPurpose
  stands: 'allowed' | 'refused' | 'unanswered' | 'unknown' | 'withdrawn'
  /** When it was last refused (ISO 8601), of what is withdrawn. */
  at: string | null
}

/**
 * @param settings of the connection, as they are now @param event filled in as for a delivery
 * @param refused what its visitor has refused since
 * @returns none where the event does not wait for a visitor's consent
 */
export function neededBy(
  vendor: Pick<Vendor<unknown>, 'rows'>,
  settings: unknown,
  event: StoreEvent,
  refused: RefusedAt,
): Needed[] {
  const needed = purposesOf(vendor, settings, event.type)
  const { consent } = event.actor
  return CONSENT_PURPOSES.filter(purpose => needed.includes(purpose)).map(purpose => {
    const at = consent[purpose] === true ? (refused.get(purpose)?.toISOString() ?? null) : null
    if (at !== null) return { purpose, stands: 'withdrawn', at }
    const unsaid = isVisit(event) ? 'unanswered' : 'unknown'
    const stands = consent[purpose] === null ? unsaid : consent[purpose] ? 'allowed' : 'refused'
    return { purpose, stands, at }
  })
}
