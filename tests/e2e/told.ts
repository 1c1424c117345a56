/** What the four vendors accepted, each happening as one line that names the person where the vendor was told one. */
import type { Received, VendorName } from '../../sandbox/vendors/contract.ts'
import type { Sandbox } from '../../sandbox/vendors/server.ts'

/** By vendor, in alphabetical order: of what happens within one moment no vendor is promised an order. */
export type Told = Record<VendorName, string[]>

type Named = { email: string }
type EcomailEvent = Named & {
  category: string
  action: string
  label: string
  value: string | { variant?: string }
}
type Basket = { data: { data: { products: { description?: string; name: string }[] } } }
type Transaction = Named & { order_id: string; status: string }

/** "purchase-complete", "add-to-cart": Alana is told of no person. */
const alana = (body: unknown) =>
  (body as { events: { eventType: string }[] }).events.map(({ eventType }) => eventType)

/** "product_viewed 8012345679003" */
function voucherify(body: unknown): string {
  const { event, customer } = body as { event: string; customer: { source_id: string } }
  return `${event} ${customer.source_id}`
}

/** "product-view TL-N-S walker@example.com" */
function topmail({ path, body }: Received): string {
  const { sku, email } = body as Named & { sku: string }
  return `${path.split('/').at(-1)} ${sku} ${email}`
}

/** By variant, or the product where it has none: "product_viewed Nickel / Small walker@example.com", "Basket [Nickel / Small] walker@example.com" */
function ecomailEvent({ category, action, label, value, email }: EcomailEvent): string {
  if (typeof value !== 'string') return `${action} ${value.variant ?? label} ${email}`
  if (category !== 'ue') return `${category} ${action} ${email}`
  const { products } = (JSON.parse(value) as Basket).data.data
  const names = products.map(product => product.description ?? product.name).sort()
  return `${action} [${names.join(', ')}] ${email}`
}

/** Orders as they stand now, each time that one was made: "transaction processing walker@example.com". */
function ecomail(entries: readonly Received[]): string[] {
  const events: string[] = []
  const made: Transaction[] = []
  for (const { method, body } of entries) {
    const { event, transaction } = body as { event?: EcomailEvent; transaction?: Transaction }
    if (event) events.push(ecomailEvent(event))
    if (!transaction) continue
    const known = made.find(({ order_id }) => order_id === transaction.order_id)
    if (method === 'PUT' && known) known.status = transaction.status
    else made.push({ ...transaction })
  }
  return [...events, ...made.map(({ status, email }) => `transaction ${status} ${email}`)]
}

export function toldTo(vendors: Sandbox): Told {
  const accepted = (vendor: VendorName) => vendors.inbox(vendor).filter(entry => entry.accepted)
  return {
    ecomail: ecomail(accepted('ecomail')).sort(),
    topmail: accepted('topmail').map(topmail).sort(),
    alana: accepted('alana')
      .flatMap(({ body }) => alana(body))
      .sort(),
    voucherify: accepted('voucherify')
      .map(({ body }) => voucherify(body))
      .sort(),
  }
}
