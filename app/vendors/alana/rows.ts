/** What goes to Alana, as what, and what a visitor must have allowed for it. */
import type { EventType } from '../../events/types.ts'
import type { Row } from '../vendor.ts'

const row = (becomes: string): Row => ({ becomes, byDefault: true, purposes: ['analytics'] })

export const rows: Partial<Record<EventType, Row>> = {
  page_viewed: row('home-page-view'),
  search_submitted: row('search'),
  collection_viewed: row('category-view'),
  product_viewed: row('detail-page-view'),
  product_added_to_cart: row('add-to-cart'),
  cart_viewed: row('shopping-cart-page-view'),
  order_created: row('purchase-complete'),
}
