/**
 * An order as an Ecomail transaction (https://docs.ecomail.cz/api-reference/transactions/create).
 */
import type { Line, Order } from '../../events/data.ts'
import type { StoreEventOf } from '../../events/store-event.ts'
import type { OrderEventType } from '../../events/types.ts'
import { amount, cut } from '../values.ts'
import type { Json, ShopFacts } from '../vendor.ts'
import { known } from './request.ts'
import type { EcomailSettings } from './settings.ts'
import { statusOf } from './status.ts'

export type OrderEvent = StoreEventOf<OrderEventType>

/** Documented: at most 20 categories of at most 100 characters for an item. */
const CATEGORIES = 20
const CATEGORY_LENGTH = 100
/**
 * Ecomail allows 5,000 characters of item tags per account, all orders together. What one item may add is
 * therefore kept small: the first tags that fit in these bounds; longer ones are left out, never cut, because
 * half a tag is another tag.
 */
const TAGS = 10
const TAG_LENGTH = 50
const TAGS_LENGTH = 250
const CODE_LENGTH = 100
const TITLE_LENGTH = 255

/** The order's id at Ecomail by the merchant's choice, or null when the order has no such name. */
export function orderIdOf(event: OrderEvent, settings: Pick<EcomailSettings, 'orderId'>): string | null {
  const id = settings.orderId === 'order_name' ? event.data.order?.name : event.data.orderId
  // As a part of a path "." and ".." mean another path, however they are encoded (https://url.spec.whatwg.org/#double-dot-path-segment).
  return id && !/^\.{1,2}$/.test(id) ? id : null
}

/** What a transaction cannot do without; `total` is a decimal with tax and shipping. */
export type TransactionFacts = { orderId: string; email: string; order: Order; total: string }

/**
 * The body of `POST /tracker/transaction` and `PUT /tracker/transaction/{order_id}`. `timestamp` is in Unix
 * seconds, amounts are in the order's currency (Ecomail has no field for it).
 */
export function transactionBody(
  { orderId, email, order, total }: TransactionFacts,
  event: OrderEvent,
  settings: Pick<EcomailSettings, 'shopName'>,
  shop: Pick<ShopFacts, 'domain'>,
): Json {
  const address = event.actor.address
  const transaction = known({
    order_id: orderId,
    email,
    shop: settings.shopName ?? shop.domain,
    amount: amount(total),
    tax: order.tax === null ? null : amount(order.tax),
    shipping: order.shipping === null ? null : amount(order.shipping),
    city: address?.city,
    county: address?.province,
    country: address?.country ?? address?.countryCode,
    timestamp: madeAt(event, order),
  })
  return {
    transaction: { ...transaction, status: statusOf(order) },
    transaction_items: linesOf(order).map(itemOf),
  }
}

function madeAt(event: OrderEvent, order: Order): number | null {
  // A later notice's own time says nothing on when the order was made.
  const instant = order.createdAt ?? (event.type === 'order_created' ? event.occurredAt : null)
  return instant === null ? null : Math.floor(Date.parse(instant) / 1000)
}

/**
 * The lines that are left, else all of them: Ecomail's PUT overwrites the whole order, and one without items would
 * name nothing any more. What was taken off is then 0 pieces for 0, so that it counts as no sale.
 */
function linesOf(order: Order): Line[] {
  const kept = order.lines.filter(line => line.quantity > 0)
  return kept.length > 0 ? kept : order.lines
}

function itemOf(line: Line, index: number): Json {
  const { product } = line
  const code =
    product.sku ||
    product.variantId ||
    product.id ||
    cut(product.title ?? '', CODE_LENGTH) ||
    line.id ||
    `line-${index + 1}`
  const categories = categoriesOf(product.category)
  // The documentation deprecates `category` and, in the next sentence, says that only it is shown: both go out.
  const item = known({
    code,
    title: cut(product.title || code, TITLE_LENGTH),
    category: categories.at(-1),
    categories: categories.length > 0 ? categories : null,
    price: amount(line.total),
    amount: line.quantity,
  })
  const tags = tagsOf(product.tags)
  return { ...item, ...(tags.length > 0 && { tags }) }
}

/** "Apparel > Shoes" is Apparel and Shoes, from the broadest to the narrowest; a plain type is itself. */
function categoriesOf(category: string | null): string[] {
  const parts = (category ?? '').split(' > ').map(part => cut(part.trim(), CATEGORY_LENGTH))
  return parts.filter(part => part !== '').slice(-CATEGORIES)
}

function tagsOf(tags: readonly string[]): string[] {
  const kept: string[] = []
  let length = 0
  for (const tag of tags) {
    if (kept.length === TAGS) break
    if (tag === '' || tag.length > TAG_LENGTH || length + tag.length > TAGS_LENGTH) continue
    kept.push(tag)
    length += tag.length
  }
  return kept
}
