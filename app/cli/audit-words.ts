/** An entry of the audit as `sluice audit` tells it: in the console's words, with times as all commands write them. */
import type { AuditLine } from '../insights/audit.ts'
import { shownEntry } from '../runtime/support-audit.ts'
import type { ToldReplay } from '../runtime/told-replay.ts'
import {
  actionName,
  fieldName,
  fieldValue,
  replayBecame,
  replayTitle,
  whoDid,
} from '../ui/support/audit/wording.ts'
import { known, t } from './console-texts.ts'

/** `who`: with the account's role. `changes`: each field with what it was and what it is; '' where nothing is noted of either. */
export function toldEntry(line: AuditLine): { who: string; what: string; changes: string } {
  const { fleet: of, replay, changes, manner } = shownEntry(line)
  const begun = of?.shops ?? null
  const value = (field: string, given: string | null) =>
    given === null ? null : fieldValue(known, iso => iso, field, given)
  return {
    who: whoDid(known, line),
    what: replay
      ? saidOfReplay(replay)
      : actionName(known, line.action, manner) + (begun === null ? '' : `: ${begun}`),
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

function saidOfReplay(replay: ToldReplay): string {
  const { key, count } = replayTitle(replay)
  const became = replayBecame(replay)
  const title = count === null ? t(key) : t(key, { count, formatted: count })
  if (!became) return title
  return `${title}. ${t(became.key, { count: became.count, formatted: became.count, open: became.open })}`
}
