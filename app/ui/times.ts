/** How a page's times are written (./clock.ts), and by whose days and clock. */
import { createContext, useContext } from 'react'
import { useTranslation } from 'react-i18next'
import { minuteAt, type Times, timesIn } from './clock.ts'

/** IANA's name of the zone of the pages below; null: not known. The console's pages have none. */
export const ZoneContext = createContext<string | null>(null)

/** @returns how times are written in the page's language */
export function useTimes(): Times {
  const { i18n } = useTranslation()
  return timesIn(i18n.language, useContext(ZoneContext))
}

/** @returns a function that writes a time (ISO 8601) to the second */
export function useTime(): (iso: string) => string {
  return useTimes().full
}

/** The zone of the page's days, which are reckoned where they are counted, as people read it: "America/Los Angeles", "UTC". */
export const useZoneName = (): string => useContext(ZoneContext)?.replaceAll('_', ' ') ?? 'UTC'

/**
 * @param days of which zone a field's days are, where that is not the zone of the page's times; null: UTC
 * @returns a function that adds to a field's label of which zone its days are, where the page does not say so
 */
export function useDayLabel(days: string | null = null): (label: string) => string {
  const isKnown = useContext(ZoneContext) !== null
  return label => (isKnown ? label : `${label} (${days?.replaceAll('_', ' ') ?? 'UTC'})`)
}

/**
 * @param days as for `useDayLabel`
 * @returns a function that writes what an address asks for, a day, a minute of a clock in the zone or a moment (ISO 8601), as the first or
 * the last minute of it: "2026-11-20T10:30"
 */
export function useMinute(days: string | null = null): (text: string, end: 'first' | 'last') => string {
  const zone = useContext(ZoneContext) ?? days
  return (text, end) => {
    if (text.endsWith('Z')) return minuteAt(text, zone)
    return text === '' || text.includes('T') ? text : `${text}T${end === 'first' ? '00:00' : '23:59'}`
  }
}
