import { Badge, Button, InlineStack } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { useDayLabel, useMinute, useTime } from '../times.ts'
import { replayedAt, type SearchTexts, useNewer, useWord } from './words.ts'

type Props = {
  /** The page's own address, to be cleared; without it nothing leads there. */
  at?: string
  texts: SearchTexts
  vendors: readonly { id: string; name: string }[]
  /** Of which zone days are, where that is not the zone of the page's times; null: UTC. */
  days: string | null
}

/** What the list is filtered by, in a line: whoever followed a link here sees the list at once, on a phone too. */
export function AskedFor({ at, texts, vendors, days }: Props) {
  const { t, i18n } = useTranslation()
  const word = useWord()
  const newerWords = useNewer()
  const time = useTime()
  const dayLabel = useDayLabel(days)
  const minute = useMinute(days)
  const { type, vendor, outcome, reason, newer, undelivered, replay, order, person, lately, since, until } =
    texts
  // A day and a minute are by the zone's clock already.
  const format = (at: string, time: { timeStyle?: 'short'; hourCycle?: 'h23' } = {}) =>
    new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeZone: 'UTC', ...time }).format(
      new Date(`${at}Z`),
    )
  const day = (value: string) =>
    value.includes('T')
      ? format(minute(value, 'first'), { timeStyle: 'short', hourCycle: 'h23' })
      : format(`${value}T00:00`)
  const said = [
    type && (word('type', type) ?? type),
    vendor && (vendors.find(({ id }) => id === vendor)?.name ?? vendor),
    outcome && word('outcome', outcome),
    reason && (word('reason', reason) ?? reason),
    newer && newerWords(newer),
    undelivered && t('activity.filter.undelivered'),
    replay && t('activity.filter.replay', { time: time(replayedAt(replay)) }),
    order,
    person && t('activity.filter.email'),
    lately && t(`activity.filter.lately.${lately}`),
    since && since === until && dayLabel(day(since)),
    since && since !== until && dayLabel(`${t('activity.filter.since')} ${day(since)}`),
    until && since !== until && dayLabel(`${t('activity.filter.until')} ${day(until)}`),
  ]
  return (
    <InlineStack gap="200" blockAlign="center">
      {said.flatMap(each => (each ? <Badge key={each}>{each}</Badge> : []))}
      {at && (
        <Button url={at} variant="plain">
          {t('activity.filter.clear')}
        </Button>
      )}
    </InlineStack>
  )
}
