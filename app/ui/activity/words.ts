/** Words of the activity's pages: names of what is stored as a code, and times. */
import { useTranslation } from 'react-i18next'
import type { Texts } from '../i18n.ts'

/** A search as an address writes it. */
export type SearchTexts = {
  type?: string | undefined
  vendor?: string | undefined
  outcome?: string | undefined
  reason?: string | undefined
  since?: string | undefined
  until?: string | undefined
  order?: string | undefined
  person?: string | undefined
}

export const TONES = {
  delivered: 'success',
  skipped: undefined,
  waiting: 'info',
  held: 'attention',
  failed: 'critical',
} as const

/** Lists of words by code in the texts. */
type List = 'type' | 'source' | 'reason' | 'attempt'

/** @returns a function that gives a code's name, or null for a code without one: what is stored may be newer than the page */
export function useWord(): (list: List & keyof Texts['activity'], code: string) => string | null {
  const { i18n } = useTranslation()
  return (list, code) => {
    const word: unknown = i18n.getResource(i18n.language, 'texts', `activity.${list}.${code}`)
    return typeof word === 'string' ? word : null
  }
}

/** @returns a function that writes a time (ISO 8601) in the page's language; the shop's time zone is not known, so in UTC */
export function useTime(): (iso: string) => string {
  const { i18n } = useTranslation()
  const format = new Intl.DateTimeFormat(i18n.language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
    timeZone: 'UTC',
  })
  return iso => `${format.format(new Date(iso))} UTC`
}
