/** What goes to Topmail, as what, and what a visitor must have allowed for it. */
import type { EventType } from '../../events/types.ts'
import type { Row } from '../vendor.ts'

export const rows: Partial<Record<EventType, Row>> = {
  product_viewed: { becomes: 'product-view', byDefault: true, purposes: ['analytics', 'marketing'] },
  order_created: { becomes: 'conversion', byDefault: false, purposes: [] },
  customer_created: { becomes: 'contact', byDefault: false, purposes: [] },
  marketing_consent_updated: { becomes: 'contact', byDefault: false, purposes: [] },
}
