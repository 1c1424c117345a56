/** Words of the audit in the page's texts. */
import { useTranslation } from 'react-i18next'
import type { ShownChange, ShownEntry } from '../../../runtime/support-audit.ts'
import { useTime } from '../../times.ts'
import { actionName, fieldName, fieldValue, type Known, whoDid } from './wording.ts'

function useKnown(): Known {
  const { i18n } = useTranslation()
  return key => {
    const word: unknown = i18n.getResource(i18n.language, 'texts', key)
    return typeof word === 'string' ? word : null
  }
}

/** @returns a function that says who did it */
export function useWhoDid(): (entry: Pick<ShownEntry, 'action' | 'actor' | 'role'>) => string {
  const known = useKnown()
  return entry => whoDid(known, entry)
}

/** @returns a function that names an action */
export function useActionName(): (action: string, manner?: ShownEntry['manner']) => string {
  const known = useKnown()
  return (action, manner) => actionName(known, action, manner)
}

/** @returns a function that names what was changed */
export function useFieldName(): (change: Pick<ShownChange, 'field' | 'label'>) => string {
  const known = useKnown()
  return change => fieldName(known, change)
}

/** @returns a function that writes a value as a person reads it */
export function useFieldValue(): (field: string, value: string) => string {
  const known = useKnown()
  const time = useTime()
  return (field, value) => fieldValue(known, time, field, value)
}
