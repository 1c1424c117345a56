/** How numbers, shares and days are written on the first page. */
import { useTranslation } from 'react-i18next'
import { counted } from '../counted.ts'
import { useShare } from '../share.ts'
import { useTimes } from '../times.ts'

export type Formats = {
  number(value: number): string
  /** Of what was counted no further than `most`, by itself `MOST_COUNTED`: "10,000+". */
  counted(value: number, most?: number): string
  /** @param share from 0 to 1 */
  percent(share: number): string
  /** @param day "2026-11-20" */
  day(day: string): string
  /** "14:05" of today, else with the day. @param iso a time */
  clock(iso: string): string
  /** How long ago a time was: "just now", "3 hours ago". */
  ago(iso: string): string
}

const AGO: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 24 * 3600_000],
  ['hour', 3600_000],
  ['minute', 60_000],
]

export function useFormats(): Formats {
  const { t, i18n } = useTranslation()
  const { language } = i18n
  const numbers = new Intl.NumberFormat(language)
  // A day is one already, wherever it is.
  const days = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const times = useTimes()
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'always' })
  return {
    number: value => numbers.format(value),
    counted: (value, most) => counted(value, each => numbers.format(each), most),
    percent: useShare(),
    day: day => days.format(new Date(day)),
    clock: iso => times.clock(iso, new Date()),
    ago(iso) {
      const ms = Math.max(0, Date.now() - Date.parse(iso))
      const step = AGO.find(([, each]) => ms >= each)
      if (!step) return t('home.justNow')
      const [unit, of] = step
      return relative.format(-Math.floor(ms / of), unit)
    },
  }
}
