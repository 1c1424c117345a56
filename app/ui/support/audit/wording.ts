/** Words of the audit, for the console's pages and the command line: what was done, and what was otherwise before. */
import { timeOfId } from '../../../events/id-time.ts'
import type { ShownChange, ShownEntry } from '../../../runtime/support-audit.ts'
import type { ToldReplay } from '../../../runtime/told-replay.ts'
import { supportWords } from '../../vendor-words.ts'

type Did = { action: string; actor: string; role: string | null }

/** Finds a text by its key ("support.audit.true"); null: there is none, for what is stored may be newer than the texts. */
export type Known = (key: string) => string | null

/** Who did it. Who failed to sign in may be anybody: whose account it was is no more than what they said. */
export function whoDid(known: Known, { action, actor, role }: Did): string {
  const account = role === null ? actor : `${actor} (${known(`support.frame.role.${role}`) ?? role})`
  if (action !== 'sign_in_failed') return account
  return actor === 'nobody'
    ? (known('support.audit.somebody') ?? actor)
    : `${known('support.audit.somebodyAs')} ${account}`
}

/** One without a name is written as it is stored. @param manner of an entry of which `action` alone would say too much */
export function actionName(known: Known, action: string, manner: ShownEntry['manner'] = null): string {
  const own = manner ? known(`support.audit.${manner}.${action}`) : null
  return own ?? known(`support.audit.action.${action}`) ?? action
}

/** What was changed: a word of ours, the vendor's own, or the stored name put into words. */
export function fieldName(known: Known, { field, label }: Pick<ShownChange, 'field' | 'label'>): string {
  if (field === '') return known('support.audit.value') ?? ''
  return label ?? known(`support.audit.field.${field.replaceAll('.', '_')}`) ?? inWords(field)
}

/** "lastSeen_at.day" as "Last seen at: day" */
export function inWords(field: string): string {
  const words = field
    .split('.')
    .map(part =>
      part.replaceAll('_', ' ').replaceAll(/(?<=[a-z\d])[A-Z]/g, letter => ` ${letter.toLowerCase()}`),
    )
    .join(': ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** As the lists of events name what they are filtered by. */
function chosenBy(known: Known, list: string, value: string): string {
  if (list === 'lately') return known(`activity.filter.lately.${value}`) ?? value
  if (list !== 'newer') return known(`activity.${list}.${value}`) ?? value
  if (value === 'none') return known('activity.filter.newerUnknown') ?? value
  return known(`activity.outcome.${value}`) ?? known(`activity.reason.${value}`) ?? value
}

/** The key of what says that deliveries were sent again, and how many that is about; null: how many is not noted. */
export function replayTitle({ from, done }: ToldReplay) {
  const kind = from ?? 'any'
  if (done === null) return { key: `support.audit.replaying.${kind}`, count: null } as const
  return { key: `support.audit.replayed.${kind}`, count: done.count } as const
}

/** The same of what they became by it; null: it is not noted. */
export function replayBecame({ done }: ToldReplay) {
  if (done === null || done.count === 0) return null
  const open = done.count - done.held
  if (open === 0) return { key: 'support.audit.replayedTo.held', count: done.held, open } as const
  if (done.held === 0) return { key: 'support.audit.replayedTo.all', count: open, open } as const
  return { key: 'support.audit.replayedTo.some', count: done.held, open } as const
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/

/** A value as a person reads it. @param time writes a time (ISO 8601) */
export function fieldValue(
  known: Known,
  time: (iso: string) => string,
  field: string,
  value: string,
): string {
  if (value === 'true' || value === 'false')
    return known(`support.audit.whether.${field}.${value}`) ?? known(`support.audit.${value}`) ?? value
  if (field === 'message') return supportWords(value)
  if (ISO_TIME.test(value)) return time(value)
  if (field === 'role') return known(`support.frame.role.${value}`) ?? value
  if (field === 'state')
    return known(`support.fleet.actionState.${value}`) ?? known(`support.audit.rotation.${value}`) ?? value
  if (field === 'chosen.replayId') {
    const at = timeOfId(value)
    return Number.isNaN(at.getTime()) ? value : time(at.toISOString())
  }
  const [, list] = /^chosen\.(type|reason|newer|lately)$/.exec(field) ?? []
  if (list) return chosenBy(known, list, value)
  if (field !== 'filter.states') return value
  return value
    .split(', ')
    .map(each => known(`support.state.${each}`) ?? each)
    .join(', ')
}
