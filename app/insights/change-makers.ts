/** Who changed a connection, and why: the audit's entry of it is written in the same transaction and so bears the same time. */
import type { AuditAction } from '../support/audit.ts'

/** Which entries of the audit a change may be of. */
const ENTRIES: Readonly<Record<string, readonly AuditAction[]>> = {
  hold: ['hold'],
  release: ['release'],
  on: ['vendor_on'],
  off: ['vendor_off'],
  connected: ['vendor_connect'],
  settings: ['vendor_connect'],
}
/** The parameter that `MADE_BY` wants. */
export const ENTRIES_OF_CHANGES = JSON.stringify(ENTRIES)

/**
 * SQL: `a.actor` and `a.reason` of the change `h` of connection_changes; null where nobody's entry is of it. Each an expression.
 * @param entries `ENTRIES_OF_CHANGES`
 */
export const madeBy = (domain: string, vendor: string, entries: string) => `left join lateral (
    select e.actor, e.reason from audit_entries e
    where e.at = h.at and e.shop = ${domain} and e.vendor = ${vendor}
      and e.action = any(array(select jsonb_array_elements_text(${entries}::jsonb -> h.what)))
    order by e.id desc limit 1) a on true`
