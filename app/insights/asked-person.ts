/** Whose events a list shows: its address names a person by marks alone, from which nobody can tell whether the right one was typed. */
import type { Pool } from 'pg'
import { emailIn } from '../delivery/event-rows.ts'
import { maskEmail } from '../privacy/mask.ts'
import type { Sealer } from '../secrets/seal.ts'

/** @param ids the list's events @returns "j…@example.com"; null: none of them has that address itself, or it does not unseal */
export async function askedPerson(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  ids: readonly string[],
  marks: readonly string[],
): Promise<string | null> {
  const { rows } = await pool.query<{ id: string; personal: string }>(
    `select id, personal from events
     where shop_id = $1 and id = any($2::uuid[]) and email_mark = any($3) and personal is not null limit 1`,
    [shopId, ids, marks],
  )
  const [row] = rows
  const email = row ? emailIn(sealer, shopId, row.id, row.personal) : null
  return email === null ? null : maskEmail(email)
}
