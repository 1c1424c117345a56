/** Words of the audit: what was done, and what was otherwise before. */
import { useTranslation } from 'react-i18next'
import type { ShownChange } from '../../../runtime/support-audit.ts'
import { useTime } from '../../times.ts'

/** @returns a function that gives a text, or null where there is none: what is stored may be newer than the page */
function useKnown(): (key: string) => string | null {
  const { i18n } = useTranslation()
  return key => {
    const word: unknown = i18n.getResource(i18n.language, 'texts', key)
    return typeof word === 'string' ? word : null
  }
}

/** @returns a function that names an action; one without a name is written as it is stored */
export function useActionName(): (action: string) => string {
  const known = useKnown()
  return action => known(`support.audit.action.${action}`) ?? action
}

/** @returns a function that names what was changed: a word of ours, the vendor's own, or the stored name put into words */
export function useFieldName(): (change: Pick<ShownChange, 'field' | 'label'>) => string {
  const { t } = useTranslation()
  const known = useKnown()
  return ({ field, label }) => {
    if (field === '') return t('support.audit.value')
    return label ?? known(`support.audit.field.${field.replaceAll('.', '_')}`) ?? inWords(field)
  }
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

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/

/** @returns a function that writes a value as a person reads it */
export function useFieldValue(): (field: string, value: string) => string {
  const { t } = useTranslation()
  const known = useKnown()
  const time = useTime()
  return (field, value) => {
    if (value === 'true' || value === 'false')
      return t(value === 'true' ? 'support.audit.yes' : 'support.audit.no')
    if (ISO_TIME.test(value)) return time(value)
    if (field === 'role') return known(`support.frame.role.${value}`) ?? value
    if (field === 'state') return known(`support.fleet.actionState.${value}`) ?? value
    if (field !== 'filter.states') return value
    return value
      .split(', ')
      .map(each => known(`support.state.${each}`) ?? each)
      .join(', ')
  }
}
