/** Events that tell what a webhook of Shopify's tells too, and better. */
import { isType, type StoreEvent } from '../events/store-event.ts'

/**
 * Whether it is the web pixel's word of a checkout. It joins the visitor to the checkout; what vendors are told is Shopify's own
 * notice, which is signed, and names the person where Shopify knows one.
 */
export function isToldByWebhook(event: StoreEvent): boolean {
  return (
    event.source === 'pixel' && isType(event, 'checkout_started', 'checkout_updated', 'checkout_completed')
  )
}
