/** Numbers, days and rows of the accuracy page in words, and where a row leads. */
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { AccuracyPage, Row, RowKind } from '../../runtime/merchant-accuracy.ts'
import { useWord } from '../activity/words.ts'
import type { Term } from './equation.tsx'
import type { Slot } from './slots.ts'

/** @returns a function that writes a number in the page's language */
export function useNumber(): (value: number) => string {
  const { i18n } = useTranslation()
  const format = new Intl.NumberFormat(i18n.language)
  return value => format.format(value)
}

/** @returns a function that writes the days of a period in the page's language */
export function useRange(): (period: AccuracyPage['period']) => string {
  const { i18n } = useTranslation()
  const format = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeZone: 'UTC' })
  return ({ from, to }) => format.formatRange(new Date(from), new Date(to))
}

/** @returns a function that says what a row counts */
export function useRowWords(): (row: Pick<Row, 'kind' | 'reason'>) => string {
  const { t } = useTranslation()
  const word = useWord()
  return ({ kind, reason }) =>
    kind === 'skipped' || kind === 'newerSkipped'
      ? t(`accuracy.row.${kind}`, { reason: (reason && word('reason', reason)) ?? reason })
      : t(`accuracy.row.${kind}`)
}

/** @returns a function that says how many of a row's orders are, or were, sent again; null: none */
export function useRowNote(): (row: Row) => string | null {
  const { t } = useTranslation()
  const number = useNumber()
  return ({ kind, again }) =>
    again === 0
      ? null
      : t(kind === 'delivered' ? 'accuracy.row.again' : 'accuracy.row.arrived', {
          count: again,
          number: number(again),
        })
}

/** What was not received, as a row of an equation. @param words of `useRowWords` */
export function slotTerm(
  { kind, count }: Slot,
  words: ReturnType<typeof useRowWords>,
  { placed }: Pick<AccuracyPage, 'placed'>,
): Term {
  return {
    key: kind,
    words: words({ kind, reason: null }),
    count,
    url: count ? ordersInShopify(kind === 'before' ? placed.before : placed.whole) : null,
    external: true,
  }
}

/** The sum of a period's equations: all of its orders; what was received, where Shopify has not said what there are. @param t of `useTranslation` */
export function totalOf({ shopify, whole, period, placed, early }: AccuracyPage, t: TFunction): Term {
  const { orders: count } = whole
  if (shopify.state !== 'counted')
    return { key: 'whole', words: t('accuracy.row.wholeReceived'), count, url: receivedList(period) }
  if (shopify.orders !== count) {
    // Shopify lists what it has now: all of them, unless it has lost some or their days are not these.
    const url = whole.gone === 0 && early === 0 ? ordersInShopify(placed.whole) : null
    return { key: 'whole', words: t('accuracy.row.whole'), count, url, external: true }
  }
  const url = placed.counted ? ordersInShopify(placed.counted) : null
  return { key: 'whole', words: t('accuracy.row.wholeInShopify'), count, url, external: true }
}

/** Outcomes in lists of events; other rows count what no list of ours has. */
const LISTED: readonly RowKind[] = ['delivered', 'skipped', 'waiting', 'held', 'failed', 'none']
/** What the newer state came to, as a list is asked for it; of those skipped, it is the reason. */
const NEWER: Partial<Record<RowKind, string>> = {
  newer: 'delivered',
  newerUnknown: 'none',
  newerWaiting: 'waiting',
  newerHeld: 'held',
  newerFailed: 'failed',
}

/** The list of exactly the events that a row counts; null: there is none. */
export function listOf(
  { kind, reason }: Pick<Row, 'kind' | 'reason'>,
  vendor: string,
  period: AccuracyPage['period'],
): string | null {
  const newer = kind === 'newerSkipped' ? reason : NEWER[kind]
  if (newer) return address({ vendor, outcome: 'skipped', reason: 'superseded', newer }, period)
  if (!LISTED.includes(kind)) return null
  // What had arrived and is being sent again is counted as delivered.
  const undelivered = kind === 'waiting' || kind === 'held'
  return address(
    {
      vendor,
      outcome: kind,
      ...(reason && { reason }),
      ...(undelivered && { undelivered: 'on' }),
    },
    period,
  )
}

/** The list of the orders that were received in a period. */
export const receivedList = (period: AccuracyPage['period']) => address({}, period)

/** The list of those of them that were placed at a moment or later. @param placed ISO 8601 */
export const placedList = (period: AccuracyPage['period'], placed: string) => address({ placed }, period)

function address(asked: Record<string, string>, { from, to }: AccuracyPage['period']): string {
  return `/app/activity?${new URLSearchParams({ type: 'order_created', ...asked, since: from, until: to })}`
}

/** Shopify's own list, in its admin (https://shopify.dev/docs/api/app-bridge-library/apis/navigation). @param query what it is searched for */
export const ordersInShopify = (query: string) => `shopify://admin/orders?query=${encodeURIComponent(query)}`
