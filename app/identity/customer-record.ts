/** A customer's sealed column: what was told of them, under the shop's context. */
import { z } from 'zod'
import type { Sealer } from '../secrets/seal.ts'

const personalSchema = z.object({
  email: z.string().nullable(),
  phone: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
})
/** Null: not known. */
export type Personal = z.infer<typeof personalSchema>
/** `yesFor`: the address in the notice that said the last yes to marketing. Rows in which it was not kept yet mean their own. */
const recordSchema = personalSchema
  .extend({ yesFor: z.string().nullable().optional() })
  .transform(({ yesFor, ...personal }) => ({
    personal,
    yesFor: yesFor === undefined ? personal.email : yesFor,
  }))
/** What a row holds. */
export type CustomerRecord = z.infer<typeof recordSchema>
/** `isLost`: the row does not unseal. */
export type OpenedRecord = CustomerRecord & { isLost: boolean }
const NOBODY_KNOWN: CustomerRecord = {
  personal: { email: null, phone: null, firstName: null, lastName: null },
  yesFor: null,
}

/** What a customer's sealed column is bound to. */
export const customerContext = (shopId: number, customerId: string) => [
  String(shopId),
  'customer',
  customerId,
]

/** Of whom nothing is known but the id. @returns the sealed column */
export function nothingKnown(sealer: Sealer, shopId: number, customerId: string): string {
  return sealed(sealer, shopId, customerId, NOBODY_KNOWN)
}

/** @returns the sealed column */
export function sealed(
  sealer: Sealer,
  shopId: number,
  customerId: string,
  { personal, yesFor }: CustomerRecord,
): string {
  return sealer.seal(JSON.stringify({ ...personal, yesFor }), customerContext(shopId, customerId))
}

/** A person whose row does not unseal (its key is gone) counts as unknown: the next notice tells who it is. */
export function open(
  sealer: Sealer,
  shopId: number,
  row: { customer_id: string; personal: string },
): OpenedRecord {
  const opened = sealer.tryUnseal(row.personal, customerContext(shopId, row.customer_id))
  if (opened === null) return { ...NOBODY_KNOWN, isLost: true }
  return { ...recordSchema.parse(JSON.parse(opened)), isLost: false }
}
