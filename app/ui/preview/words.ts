/** Words of previews: what fields are called, and what is said of answers and reasons that pages may not know yet. */
import { useTranslation } from 'react-i18next'

type Word = (key: string) => string | null

/** @returns a function that gives a text by its key, or null: what the server tells may be newer than the page */
function useOptionalText(): Word {
  const { i18n } = useTranslation()
  return key => {
    const text: unknown = i18n.getResource(i18n.language, 'texts', key)
    return typeof text === 'string' ? text : null
  }
}

/** @returns a function that names a field of an event: "Order · total" */
export function useFieldName(): (field: string) => string {
  const text = useOptionalText()
  return field => {
    const parts = field.split('.')
    const leaf = parts.at(-1) ?? field
    const group = groupOf(parts)
    const name = text(`syncs.field.${leaf}`) ?? leaf
    return `${text(`syncs.group.${group}`) ?? group} · ${name}`
  }
}

const GROUPS = ['order', 'cart', 'checkout', 'refund', 'page', 'collection'] as const

function groupOf(parts: readonly string[]): string {
  if (parts.includes('product')) return 'product'
  if (parts.includes('lines') && parts.at(-1) !== 'lines') return 'item'
  const [first] = parts
  if (first === 'actor') return 'person'
  if (first === 'orderId') return 'order'
  return GROUPS.find(group => group === first) ?? 'event'
}

/** @returns a function that says when a vendor's answer changes what is sent. @param fact a code, with what follows a colon */
export function useFact(): (fact: string, name: string) => string {
  const text = useOptionalText()
  return (fact, name) => {
    const [code = fact] = fact.split(':')
    return (text(`preview.if.${code}`) ?? code).replace('{{name}}', name)
  }
}

/** What needs no correction: another event tells it, or it is there already. */
const FINE = [
  'carried_by_order_update',
  'told_by_webhook',
  'superseded',
  'unchanged',
  'counted_once',
  'order_unknown',
]

/** @returns a function that says what to change, by the reason; null: nothing is known to help */
export function useAdvice(): (reason: string) => string | null {
  const text = useOptionalText()
  return reason => text(`preview.advice.${FINE.includes(reason) ? 'nothing' : reason}`)
}
