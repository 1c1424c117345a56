/**
 * What the four vendors accepted, each request's happening as one line: with the person where the vendor was told one, the product
 * and how many of it where it names them, and the visitor where it knows visitors. Nothing that was sent twice is folded away.
 */
import { CATALOGUE } from '../../sandbox/store/catalogue.ts'
import type { Received, VendorName } from '../../sandbox/vendors/contract.ts'
import type { Sandbox } from '../../sandbox/vendors/server.ts'

/** By vendor, in alphabetical order: of what happens within one moment no vendor is promised an order. */
export type Told = Record<VendorName, string[]>

/** Says of a visitor's id which visitor it is: "visitor 1" is the first whom a vendor was told of. */
type Naming = (id: string) => string

type Named = { email: string }
type EcomailEvent = Named & {
  category: string
  action: string
  label: string
  value: string | { variant?: string }
}
type Basket = { data: { data: { products: { description?: string; name: string }[] } } }
type Transaction = Named & { order_id: string; status: string }
type TransactionItem = { code: string; amount: number }
type AlanaEvent = {
  eventType: string
  visitorId: string
  productId?: string
  productIds?: string[]
  categoryPath?: string
  query?: string
  metadata?: { quantity?: number }
}
type VoucherifyEvent = {
  event: string
  customer: { source_id: string }
  metadata?: { sku?: string; quantity?: number; items_count?: number }
}

const line = (...parts: (string | false | undefined)[]) => parts.filter(part => part).join(' ')
const times = (quantity: number | undefined) => quantity !== undefined && `×${quantity}`
const handleOf = (id: string) => CATALOGUE.find(product => String(product.id) === id)?.handle ?? id

/** "purchase-complete tide-lantern ×1 by visitor 1", "category-view Lamps by visitor 1" */
function alana(body: unknown, naming: Naming): string[] {
  const { events } = body as { events: AlanaEvent[] }
  return events.map(({ eventType, visitorId, productId, productIds, categoryPath, query, metadata }) => {
    const products = productIds ?? (productId === undefined ? [] : [productId])
    const subject = products.map(handleOf).sort().join(', ') || categoryPath || query
    return line(eventType, subject, times(metadata?.quantity), `by ${naming(visitorId)}`)
  })
}

/** "product_viewed 8012345679003 TL-N-S", "product_added_to_cart 8012345679003 TL-N-S ×1", "order_placed 8012345679003 ×1" */
function voucherify(body: unknown): string {
  const { event, customer, metadata } = body as VoucherifyEvent
  return line(event, customer.source_id, metadata?.sku, times(metadata?.quantity ?? metadata?.items_count))
}

/** "product-view TL-N-S walker@example.com by visitor 1" */
function topmail({ path, body }: Received, naming: Naming): string {
  const { sku, email, session_id } = body as Named & { sku: string; session_id: string }
  return `${path.split('/').at(-1)} ${sku} ${email} by ${naming(session_id)}`
}

/** By variant, or the product where it has none: "product_viewed Nickel / Small walker@example.com", "Basket [Nickel / Small] walker@example.com" */
function ecomailEvent({ category, action, label, value, email }: EcomailEvent): string {
  if (typeof value !== 'string') return `${action} ${value.variant ?? label} ${email}`
  if (category !== 'ue') return `${category} ${action} ${email}`
  const { products } = (JSON.parse(value) as Basket).data.data
  const names = products.map(product => product.description ?? product.name).sort()
  return `${action} [${names.join(', ')}] ${email}`
}

/**
 * An order may be told as it was made and then as paid, or at once as paid, whichever its states are taken with: one line,
 * "transaction processing [TL-N-S ×1] walker@example.com". Every other request of it has a line of its own: made again, or changed
 * to what the vendor has been told already.
 */
function ecomail(entries: readonly Received[]): string[] {
  const events: string[] = []
  const orders = new Map<string, { statuses: string[]; text: string }>()
  for (const { method, body } of entries) {
    const { event, transaction, transaction_items } = body as {
      event?: EcomailEvent
      transaction?: Transaction
      transaction_items?: TransactionItem[]
    }
    if (event) events.push(ecomailEvent(event))
    if (!transaction) continue
    const { order_id, status, email } = transaction
    const items = (transaction_items ?? []).map(({ code, amount }) => `${code} ×${amount}`).sort()
    const text = `transaction ${status} [${items.join(', ')}] ${email}`
    const known = orders.get(order_id)
    if (known && (method !== 'PUT' || known.statuses.includes(status)))
      events.push(`${method} again: ${text}`)
    else if (!known && method !== 'POST') events.push(`${method} of an order that was not made: ${text}`)
    else orders.set(order_id, { statuses: [...(known?.statuses ?? []), status], text })
  }
  return [...events, ...[...orders.values()].map(({ text }) => text)]
}

export function toldTo(vendors: Pick<Sandbox, 'inbox'>): Told {
  const accepted = (vendor: VendorName) => vendors.inbox(vendor).filter(entry => entry.accepted)
  const visitors: string[] = []
  const naming: Naming = id => {
    // What stands in where Shopify's notice of an order names no visitor.
    if (/^(customer|order)-/.test(id)) return id
    if (!visitors.includes(id)) visitors.push(id)
    return `visitor ${visitors.indexOf(id) + 1}`
  }
  const alanas = accepted('alana').flatMap(({ body }) => alana(body, naming))
  return {
    ecomail: ecomail(accepted('ecomail')).sort(),
    topmail: accepted('topmail')
      .map(entry => topmail(entry, naming))
      .sort(),
    alana: alanas.sort(),
    voucherify: accepted('voucherify')
      .map(({ body }) => voucherify(body))
      .sort(),
  }
}
