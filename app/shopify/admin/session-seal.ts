/** What is sealed of a session, bound to the session's id and to what it is. */
import type { Sealer } from '../../secrets/seal.ts'

export type SealedColumn = 'access_token' | 'refresh_token' | 'staff'
/** A token copied into another session's row, or into the other token's column, does not open. */
export const sessionContext = (id: string, column: SealedColumn) => ['session', id, column]

export function sealColumn(sealer: Sealer, id: string, column: SealedColumn, value: string): string {
  return sealer.seal(value, sessionContext(id, column))
}

/** @returns null where there is none, or where the key that sealed it is gone: Shopify gives another when the app is opened */
export function openColumn(
  sealer: Sealer,
  id: string,
  column: SealedColumn,
  sealed: string | null,
): string | null {
  return sealed === null ? null : sealer.tryUnseal(sealed, sessionContext(id, column))
}
