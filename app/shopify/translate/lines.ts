/** Order and checkout lines: what is left of each, and what that costs in the shop's currency. */
import type { Line } from '../../events/data.ts'
import type { LineItemPayload } from '../payloads/line-item.ts'
import { Exact, shopAmount, sum, written } from './money.ts'
import { lineProduct } from './product-line.ts'

export type Pricing = { currency: string | null; taxesIncluded: boolean }

/**
 * Every line as it is now. One that was edited, restocked or refunded away (`current_quantity` 0) stays, with
 * quantity and total 0: what an order was is told by its lines even when nothing of it is left.
 */
export function currentLines(items: readonly LineItemPayload[], pricing: Pricing): Line[] {
  return items.map(item => toLine(item, pricing))
}

function toLine(item: LineItemPayload, { currency, taxesIncluded }: Pricing): Line {
  const unitPrice = unitPriceOf(item)
  const quantity = currentQuantity(item)
  const discounts = discountsOf(item)
  const taxes = item.tax_lines.map(tax => shopAmount(tax.price_set, tax.price))
  const amounts = [unitPrice, ...discounts, ...taxes]

  // Discounts and taxes are those of the quantity first ordered.
  const share = quantity === 0 ? new Exact(0) : new Exact(quantity).div(item.quantity || quantity)
  const tax = new Exact(written(sum(taxes).times(share), amounts))
  const discounted = new Exact(unitPrice).times(quantity).minus(sum(discounts).times(share))
  const total = taxesIncluded ? discounted : discounted.plus(tax)
  return {
    id: item.id,
    product: lineProduct(item, unitPrice, currency),
    quantity,
    unitPrice,
    total: written(total, amounts),
    tax: written(tax, amounts),
  }
}

/** A line that does not say how many it is of counts as one. */
function currentQuantity(item: LineItemPayload): number {
  return item.current_quantity ?? item.quantity ?? 1
}

/** "0" where the line has no readable price, so that the line itself is not lost. */
function unitPriceOf(item: LineItemPayload): string {
  const price = shopAmount(item.price_set, item.price)
  if (price !== null) return price
  if (item.line_price === null || !item.quantity) return '0'
  return written(new Exact(item.line_price).div(item.quantity), [item.line_price])
}

/**
 * `discount_allocations` holds every discount on the line, order-level ones included; `total_discount`, the
 * older field, repeats a part of it and counts only alone.
 */
function discountsOf(item: LineItemPayload): (string | null)[] {
  if (item.discount_allocations.length === 0)
    return [shopAmount(item.total_discount_set, item.total_discount)]
  return item.discount_allocations.map(part => shopAmount(part.amount_set, part.amount))
}
