/** What a shopper's steps are at the vendors, in the lines of told.ts. */
import { customerIdOf } from '../../sandbox/store/customers.ts'
import type { Told } from './told.ts'

/** Who signs in or orders: the store makes a customer of them. */
export const EMAIL = 'walker@example.com'
export const CUSTOMER = String(customerIdOf(EMAIL))

/** A browser keeps its id for as long as nobody withdraws: one shopper is one visitor. */
const VISITOR = 'visitor 1'
/** Who bought, where neither Shopify's notice of the order nor a pixel names a visitor. */
const NO_VISITOR = `customer-${CUSTOMER}`

type Lines = Partial<Told>

export const HOME = { alana: [`home-page-view by ${VISITOR}`] }
export const SEARCHED = { alana: [`search lantern by ${VISITOR}`] }
export const LAMPS = { alana: [`category-view Lamps by ${VISITOR}`] }
export const CART = { alana: [`shopping-cart-page-view by ${VISITOR}`] }
/** A view, and an adding, of whoever is not known yet. */
export const viewed = (handle = 'tide-lantern') => ({ alana: [`detail-page-view ${handle} by ${VISITOR}`] })
export const added = (quantity = 1, handle = 'tide-lantern') => ({
  alana: [`add-to-cart ${handle} ×${quantity} by ${VISITOR}`],
})

/** A view, and an adding, once it is known whose it is: at the vendors that waited for that. */
export const knownView = (variant = 'Brass / Small', sku = 'TL-B-S') => ({
  ecomail: [`product_viewed ${variant} ${EMAIL}`],
  topmail: [`product-view ${sku} ${EMAIL} by ${VISITOR}`],
  voucherify: [`product_viewed ${CUSTOMER} ${sku}`],
})
export const knownAdding = (quantity = 1, sku = 'TL-B-S') => ({
  voucherify: [`product_added_to_cart ${CUSTOMER} ${sku} ×${quantity}`],
})

export const basket = (...variants: string[]) => ({ ecomail: [`Basket [${variants.join(', ')}] ${EMAIL}`] })
export const CHECKOUT = { voucherify: [`checkout_started ${CUSTOMER} ×1`] }

/**
 * An order is what the shopper wants of the shop: its transaction asks for no consent. Everything else of an order is
 * analytics (Alana), marketing (Voucherify) or both: the empty basket that ends Ecomail's reminder.
 */
export const transaction = (sku = 'TL-B-S') => ({
  ecomail: [`transaction processing [${sku} ×1] ${EMAIL}`],
})
export const purchase = (hasVisitor: boolean) => ({
  alana: [`purchase-complete tide-lantern ×1 by ${hasVisitor ? VISITOR : NO_VISITOR}`],
})
export const order = (hasVisitor: boolean, sku = 'TL-B-S') => ({
  ecomail: [...transaction(sku).ecomail, ...basket().ecomail],
  ...purchase(hasVisitor),
  voucherify: [`order_placed ${CUSTOMER} ×1`, `order_paid ${CUSTOMER} ×1`],
})

/** All lines of several. */
export function together(...all: Lines[]): Lines {
  const of = (vendor: keyof Told) => all.flatMap(lines => lines[vendor] ?? [])
  return { ecomail: of('ecomail'), topmail: of('topmail'), alana: of('alana'), voucherify: of('voucherify') }
}
