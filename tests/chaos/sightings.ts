/** Reading the vendors' inboxes: which of the sent events each request carries, and who sent it. */
import type { Json, Received, VendorName } from '../../sandbox/vendors/contract.ts'
import type { Sighting } from './evidence.ts'

/** A request in which no event of the run can be recognised has this key, which nobody asked for. */
const STRANGE = 'unrecognised'

/**
 * @param senderOf from the Host header, under which each life of a process reaches the vendors, to that life
 */
export function sightingsIn(
  vendor: VendorName,
  entries: readonly Received[],
  senderOf: (host: string) => string,
): Sighting[] {
  return entries.flatMap(entry => {
    const at = Date.parse(entry.at)
    return keysIn(vendor, entry).map(key => ({
      vendor,
      seq: entry.seq,
      key,
      at,
      answeredAt: at + delayOf(entry.fault),
      accepted: entry.accepted,
      absorbed: entry.accepted && entry.taken === 0,
      answerSpoiled: isSpoiled(entry.fault),
      sender: senderOf(entry.headers.host ?? ''),
    }))
  })
}

/** The stand-ins note a delay as "after 200 ms", behind what they did to the answer, if anything. */
function delayOf(fault = ''): number {
  return Number(/after (\d+) ms$/.exec(fault)?.[1] ?? 0)
}

function isSpoiled(fault = ''): boolean {
  return fault.replace(/(, )?after \d+ ms$/, '') !== ''
}

function keysIn(vendor: VendorName, entry: Received): string[] {
  const body = fields(entry.body)
  switch (vendor) {
    case 'ecomail':
      return [ecomailKey(body)]
    case 'topmail':
      return [
        'order_id' in body ? `created:${text(body.order_id)}` : `product_viewed:${text(body.product_id)}`,
      ]
    case 'alana':
      return Array.isArray(body.events) ? body.events.map(alanaKey) : [STRANGE]
    case 'voucherify':
      return [voucherifyKey(body)]
  }
}

/** The states of an order differ in what shipping costs: as much as the state's number. */
function ecomailKey(body: Fields): string {
  const { order_id, shipping } = fields(body.transaction)
  if (order_id !== undefined) return `transaction:${text(order_id)}:${text(shipping)}`
  const { action, email, value } = fields(body.event)
  if (action === 'product_viewed') return `product_viewed:${text(fields(value).product_id)}`
  const order = /^o(\d+)@/.exec(text(email))?.[1]
  return action === 'Basket' && order ? `basket:${order}` : STRANGE
}

const ALANA_TYPES: Record<string, string> = {
  'detail-page-view': 'product_viewed',
  'add-to-cart': 'product_added_to_cart',
}

function alanaKey(event: Json): string {
  const { eventType, productId, metadata } = fields(event)
  if (eventType === 'purchase-complete') return `created:${text(fields(metadata).orderId)}`
  const type = ALANA_TYPES[text(eventType)]
  return type ? `${type}:${text(productId)}` : STRANGE
}

const VOUCHERIFY_STEPS: Record<string, string> = {
  order_placed: 'created',
  order_paid: 'paid',
  order_fulfilled: 'fulfilled',
  order_cancelled: 'cancelled',
}

function voucherifyKey({ event, metadata }: Fields): string {
  const name = text(event)
  const { order_id, product_id } = fields(metadata)
  const step = VOUCHERIFY_STEPS[name]
  if (step) return `${step}:${text(order_id)}`
  return product_id === undefined ? STRANGE : `${name}:${text(product_id)}`
}

type Fields = { [key: string]: Json | undefined }

function fields(value: Json | undefined): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

const text = (value: Json | undefined): string => String(value ?? '')
