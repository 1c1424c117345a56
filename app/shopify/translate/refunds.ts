/** refunds/create: what was given back. The order's new state follows in orders/updated. */
import type { Refund } from '../../events/data.ts'
import { NOBODY } from '../../events/store-event.ts'
import { type RefundLinePayload, type RefundPayload, refundSchema } from '../payloads/refund.ts'
import { dedupeKey, digest, subject } from './keys.ts'
import { Exact, shopAmount, sum, written } from './money.ts'
import { type Handler, ignored, translation, webhookEvent } from './notice.ts'
import { lineProduct } from './product-line.ts'

/** How far a rounded tax may be from the exact one, as a share. */
const ROUNDING = 0.05

/** Transactions that gave no money back. */
const FAILED = ['failure', 'error']

/** Makes order_refunded. A refund without an id is named by its payload's digest. */
export const refundCreated: Handler = ({ payload, at }) => {
  const refund = refundSchema.parse(payload)
  if (refund.order_id === null) return ignored('The refund names no order.')
  const event = webhookEvent(
    'order_refunded',
    { orderId: refund.order_id, order: null, refund: toRefund(refund, refund.id ?? digest(payload)) },
    {
      dedupeKey: dedupeKey('order_refunded', [refund.id], payload),
      occurredAt: refund.processed_at ?? refund.created_at ?? at,
      subject: subject('order', refund.order_id),
      version: null,
      actor: NOBODY,
    },
  )
  return translation([event], [], '')
}

function toRefund(refund: RefundPayload, id: string): Refund {
  const lineCurrency =
    refund.refund_line_items.find(line => line.subtotal_set)?.subtotal_set?.currency ?? null
  const lines = refund.refund_line_items.map(line => ({
    product: refundedProduct(line, lineCurrency),
    quantity: line.quantity ?? 0,
    total: lineTotal(line),
  }))
  const paid = paidBack(refund)
  if (paid) return { id, ...paid, lines }

  const parts = [
    ...lines.map(line => line.total),
    // Adjustments count for the shop: a refunded shipping price is negative.
    ...refund.order_adjustments.flatMap(part => [
      negated(shopAmount(part.amount_set, part.amount)),
      negated(shopAmount(part.tax_amount_set, part.tax_amount)),
    ]),
  ]
  const isKnown = parts.some(part => part !== null)
  return { id, amount: isKnown ? written(sum(parts), parts) : null, currency: lineCurrency, lines }
}

/** The money that went back by the refund's transactions; null when it has none, or none that can be added. */
function paidBack(refund: RefundPayload): Pick<Refund, 'amount' | 'currency'> | null {
  const refunds = refund.transactions.filter(({ kind }) => kind === null || kind === 'refund')
  const moved = refunds.map(({ status, amount, amount_set, currency }) => ({
    amount: status !== null && FAILED.includes(status) ? '0' : shopAmount(amount_set, amount),
    currency: amount_set?.currency ?? currency,
  }))
  const amounts = moved.map(({ amount }) => amount)
  const currencies = new Set(moved.map(({ currency }) => currency))
  if (moved.length === 0 || amounts.includes(null) || currencies.size > 1) return null
  return { amount: written(sum(amounts), amounts), currency: moved[0]?.currency ?? null }
}

function refundedProduct(
  line: RefundLinePayload,
  currency: string | null,
): Refund['lines'][number]['product'] {
  const item = line.line_item
  const price = item && shopAmount(item.price_set, item.price)
  const unnamed = { product_id: null, variant_id: null, title: null, variant_title: null, sku: null }
  return lineProduct(item ?? { ...unnamed, vendor: null, url: null, image: null }, price, currency)
}

/** With tax. */
function lineTotal(line: RefundLinePayload): string | null {
  const subtotal = shopAmount(line.subtotal_set, line.subtotal)
  const tax = shopAmount(line.total_tax_set, line.total_tax)
  if (subtotal === null || tax === null || isTaxContained(line, subtotal, tax)) return subtotal
  return written(sum([subtotal, tax]), [subtotal, tax])
}

/**
 * A refund does not say whether its order's prices include tax. The line's own rates tell where its tax is,
 * but for rounding, what the subtotal contains at these rates; else the tax is taken to come on top.
 */
function isTaxContained(line: RefundLinePayload, subtotal: string, tax: string): boolean {
  const rate = sum(line.line_item?.tax_lines.map(part => part.rate) ?? [])
  if (rate.lte(0)) return false
  const onTop = rate.times(subtotal)
  const contained = onTop.div(rate.plus(1))
  const distance = contained.minus(tax).abs()
  return distance.lt(onTop.minus(tax).abs()) && distance.lte(contained.times(ROUNDING))
}

function negated(amount: string | null): string | null {
  return amount === null ? null : written(new Exact(amount).negated(), [amount])
}
