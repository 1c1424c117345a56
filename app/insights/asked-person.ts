/** Whose events a list shows: its address names a person by marks alone, beside which the masked address stands sealed. */
import { maskEmail } from '../privacy/mask.ts'
import type { Sealer } from '../secrets/seal.ts'

const SEALED_FOR = (shopId: number) => [String(shopId), 'asked_person']

/** What a page's address keeps of who was asked for. */
export const sealedPerson = (sealer: Sealer, shopId: number, email: string): string =>
  sealer.seal(maskEmail(email), SEALED_FOR(shopId))

/** @param sealed as an address has it, which anybody may have changed @returns "j…@example.com"; null: it does not unseal */
export function askedPerson(sealer: Sealer, shopId: number, sealed: string): string | null {
  try {
    return sealer.unseal(sealed, SEALED_FOR(shopId))
  } catch {
    return null
  }
}
