/**
 * The status of an Ecomail transaction. Ecomail accepts exactly `processing`, `canceled` (one l), `pending`,
 * `completed` and null (https://docs.ecomail.cz/api-reference/transactions/create).
 */
import type { Order } from '../../events/data.ts'

export type TransactionStatus = 'processing' | 'canceled' | 'pending' | 'completed' | null

/**
 * An order's state as Ecomail's status. The first line that applies wins:
 *
 * | cancelled | financial status                                | fulfilment status           | status     |
 * |-----------|-------------------------------------------------|-----------------------------|------------|
 * | yes       | any                                             | any                         | canceled   |
 * | no        | refunded, voided                                | any                         | canceled   |
 * | no        | pending, authorized, partially_paid, expired    | any                         | pending    |
 * | no        | paid, partially_refunded                        | fulfilled                   | completed  |
 * | no        | paid, partially_refunded                        | null, partial, restocked, … | processing |
 * | no        | null or unknown                                 | any                         | null       |
 *
 * A fully refunded order counts as cancelled, because Ecomail's segments read `completed` as money earned.
 * Goods sent but not paid (cash on delivery) stay `pending`. An unknown financial status becomes null, which
 * claims nothing.
 */
export function statusOf(
  order: Pick<Order, 'cancelledAt' | 'financialStatus' | 'fulfillmentStatus'>,
): TransactionStatus {
  if (order.cancelledAt) return 'canceled'
  switch (order.financialStatus) {
    case 'refunded':
    case 'voided':
      return 'canceled'
    case 'pending':
    case 'authorized':
    case 'partially_paid':
    case 'expired':
      return 'pending'
    case 'paid':
    case 'partially_refunded':
      return order.fulfillmentStatus === 'fulfilled' ? 'completed' : 'processing'
    default:
      return null
  }
}
