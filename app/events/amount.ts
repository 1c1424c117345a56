/** The one sum by which people know an event: what an order, a checkout, a cart or a refund comes to. */
import { z } from 'zod'
import { currencyCode, decimal } from './data.ts'

export type Amount = { value: string; currency: string }

const total = z
  .object({ total: decimal, currency: currencyCode })
  .transform(({ total: value, currency }) => ({ value, currency }))
const given = z
  .object({ amount: decimal, currency: currencyCode })
  .transform(({ amount: value, currency }) => ({ value, currency }))
/** The first that is there counts: of a refund what was given back, not what the order comes to afterwards. */
const dataSchema = z.object({
  refund: given.nullish().catch(null),
  order: total.nullish().catch(null),
  checkout: total.nullish().catch(null),
  cart: total.nullish().catch(null),
})

/** @param data of an event of any type @returns null where it has no sum, or the sum's currency is not known */
export function amountOf(data: unknown): Amount | null {
  const { refund, order, checkout, cart } = dataSchema.safeParse(data).data ?? {}
  return refund ?? order ?? checkout ?? cart ?? null
}
