/** Words of the activity's pages: names of what is stored as a code. */
import { useTranslation } from 'react-i18next'
import type { Amount } from '../../events/amount.ts'
import { timeOfId } from '../../events/id-time.ts'
import type { AskedOutcome } from '../../runtime/merchant-activity.ts'
import type { Texts } from '../i18n.ts'

/** What became of a delivery, as it may be asked for: of what waits, both kinds or one. */
export const OUTCOMES = [
  'delivered',
  'skipped',
  'waiting',
  'to_send',
  'for_visitor',
  'held',
  'failed',
  'none',
] as const satisfies readonly AskedOutcome[]
/** What was received within so long, in place of from and to. */
export const LATELY = ['1h', '24h', '7d', '30d'] as const
/** A search as an address writes it. */
export type SearchTexts = {
  type?: string | undefined
  vendor?: string | undefined
  outcome?: string | undefined
  reason?: string | undefined
  newer?: string | undefined
  undelivered?: string | undefined
  /** The id of a replay, a UUIDv7. */
  replay?: string | undefined
  lately?: (typeof LATELY)[number] | undefined
  since?: string | undefined
  until?: string | undefined
  order?: string | undefined
  /** ISO 8601. */
  placed?: string | undefined
  person?: string | undefined
}

/** The merchant's list is an index route, whose forms say so in their address. */
export const MERCHANT_AT = '/app/activity'
export const REPLAYS_AT = `${MERCHANT_AT}/replays`
/** Where a list's forms are sent. @param at the list's own address */
export const actionAt = (at: string) => (at === MERCHANT_AT ? `${at}?index` : at)

/** When what is asked for was sent again. @param replay a UUIDv7 */
export const replayedAt = (replay: string) => timeOfId(replay).toISOString()

export const TONES = {
  delivered: 'success',
  skipped: undefined,
  waiting: 'info',
  held: 'attention',
  failed: 'critical',
} as const

/** What was delivered and is no more, told as both (`activity.again`); null: the outcome says all. */
export function againOf({
  outcome,
  deliveredBefore,
}: {
  outcome: keyof typeof TONES
  deliveredBefore: boolean
}): 'waiting' | 'held' | 'failed' | null {
  if (!deliveredBefore || outcome === 'delivered' || outcome === 'skipped') return null
  return outcome
}

/** Lists of words by code in the texts. */
type List = 'type' | 'source' | 'reason' | 'attempt' | 'outcome'

/** @returns a function that gives a code's name, or null for a code without one: what is stored may be newer than the page */
export function useWord(): (list: List & keyof Texts['activity'], code: string) => string | null {
  const { i18n } = useTranslation()
  return (list, code) => {
    const word: unknown = i18n.getResource(i18n.language, 'texts', `activity.${list}.${code}`)
    return typeof word === 'string' ? word : null
  }
}

/** @returns a function that says what a newer state came to, to which an order was left: an outcome, or a reason for which it was skipped */
export function useNewer(): (newer: string) => string {
  const { t } = useTranslation()
  const word = useWord()
  return newer =>
    newer === 'none'
      ? t('activity.filter.newerUnknown')
      : t('activity.filter.newer', { outcome: word('outcome', newer) ?? word('reason', newer) ?? newer })
}

const UNITS = [
  ['day', 24 * 60],
  ['hour', 60],
  ['minute', 1],
] as const

/** @returns a function that says for how long something lasts ("for 3 hr"), from so many minutes; null: less than one, or none given */
export function useFor(): (minutes: number | null) => string | null {
  const { t, i18n } = useTranslation()
  return minutes => {
    const step = minutes === null ? undefined : UNITS.find(([, of]) => minutes >= of)
    if (minutes === null || !step) return null
    const [unit, of] = step
    const format = new Intl.NumberFormat(i18n.language, { style: 'unit', unit, unitDisplay: 'short' })
    return t('activity.for', { age: format.format(Math.floor(minutes / of)) })
  }
}

/** @returns a function that writes how long something took, from milliseconds: to the second up to two minutes */
export function useSpan(): (ms: number) => string {
  const { i18n } = useTranslation()
  return ms => {
    const minutes = ms / 60_000
    const [unit, of] =
      minutes < 2
        ? (['second', 1 / 60] as const)
        : (UNITS.find(([, each]) => minutes >= 2 * each) ?? UNITS[2])
    const format = new Intl.NumberFormat(i18n.language, { style: 'unit', unit, unitDisplay: 'short' })
    return format.format(Math.floor(minutes / of + 1e-9))
  }
}

/** @returns a function that writes a sum in its own currency as the page's language does */
export function useMoney(): (amount: Amount) => string {
  const { i18n } = useTranslation()
  return ({ value, currency }) => {
    const format = new Intl.NumberFormat(i18n.language, { style: 'currency', currency })
    // As text: a double would not keep every digit.
    return format.format(value as Intl.StringNumericLiteral)
  }
}
