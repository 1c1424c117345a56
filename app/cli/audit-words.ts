/** An entry of the audit as `sluice audit` tells it: in the console's words, with times as all commands write them. */
import type { AuditLine } from '../insights/audit.ts'
import { shownEntry } from '../runtime/support-audit.ts'
import { actionName, fieldName, fieldValue, type Known, whoDid } from '../ui/support/audit/wording.ts'
import audit from '../ui/support/texts/audit.json' with { type: 'json' }
import fleet from '../ui/support/texts/fleet.json' with { type: 'json' }
import frame from '../ui/support/texts/frame.json' with { type: 'json' }
import state from '../ui/support/texts/state.json' with { type: 'json' }

const TEXTS: unknown = { support: { audit, fleet, frame, state } }

const known: Known = key => {
  const found = key
    .split('.')
    .reduce<unknown>((texts, part) => (texts as Record<string, unknown> | undefined)?.[part], TEXTS)
  return typeof found === 'string' ? found : null
}

/** `who`: with the account's role. `changes`: each field with what it was and what it is; '' where nothing is noted of either. */
export function toldEntry(line: AuditLine): { who: string; what: string; changes: string } {
  const { fleet: of, changes, changedNothing } = shownEntry(line)
  const begun = of?.shops ?? null
  const value = (field: string, given: string | null) =>
    given === null ? null : fieldValue(known, iso => iso, field, given)
  return {
    who: whoDid(known, line),
    what: actionName(known, line.action, changedNothing) + (begun === null ? '' : `: ${begun}`),
    changes: changes
      .map(
        change =>
          `${fieldName(known, change)}: ${arrow(value(change.field, change.from), value(change.field, change.to))}`,
      )
      .join('; '),
  }
}

function arrow(from: string | null, to: string | null): string {
  if (from === null) return to ?? ''
  return to === null ? `${from} → none` : `${from} → ${to}`
}
