/** What an entry of the audit of a hold says: whether it began then, or stood already. */
import { z } from 'zod'
import type { AuditLine } from '../insights/audit.ts'

/** Entries of former versions have no `since`. */
const holdSchema = z.object({ reason: z.string(), since: z.string().optional() })

/** Whether a hold that stood was given another reason or end. One whose time had come did not stand: another began. */
export function changedHold({
  action,
  before,
  after,
}: Pick<AuditLine, 'action' | 'before' | 'after'>): boolean {
  if (action !== 'hold') return false
  const [stood, stands] = [holdSchema.safeParse(before), holdSchema.safeParse(after)]
  return stood.success && stands.success && stood.data.since === stands.data.since
}
