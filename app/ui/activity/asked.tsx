import { Badge, Button, InlineStack } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { useDayLabel, useMinute, useTime } from '../times.ts'
import { replayedAt, type SearchTexts, useNewer, useWord } from './words.ts'

type Props = {
  /** The page's own address, where each is left out by a press, and all are cleared; without it they are only told. */
  at?: string
  /** Of what was sent again `partly`: also what was rejected in part; `event`: that one alone. */
  texts: SearchTexts & { partly?: string; event?: string }
  vendors: readonly { id: string; name: string }[]
  /** Whose events these are, masked; null: it is not known. */
  person?: string | null
  /** Of which zone days are, where that is not the zone of the page's times; null: UTC. */
  days: string | null
}

/** What the list is filtered by, in a line: whoever followed a link here sees the list at once, on a phone too. */
export function AskedFor({ at, texts, vendors, person: who = null, days }: Props) {
  const { t, i18n } = useTranslation()
  const word = useWord()
  const newerWords = useNewer()
  const time = useTime()
  const dayLabel = useDayLabel(days)
  const minute = useMinute(days)
  const { type, vendor, outcome, reason, newer, undelivered, replay, order, placed, person } = texts
  const { lately, since, until } = texts
  // A day and a minute are by the zone's clock already.
  const format = (at: string, time: { timeStyle?: 'short'; hourCycle?: 'h23' } = {}) =>
    new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeZone: 'UTC', ...time }).format(
      new Date(`${at}Z`),
    )
  const day = (value: string) =>
    value.includes('T')
      ? format(minute(value, 'first'), { timeStyle: 'short', hourCycle: 'h23' })
      : format(`${value}T00:00`)
  /** By the name of its field. */
  const named = (
    field: 'type' | 'vendor' | 'outcome' | 'order' | 'received' | 'email',
    value: string | null | undefined,
  ) => value && `${t(`activity.filter.${field}`)}: ${value}`
  const said: readonly Asked[] = [
    [['type', 'placed'], named('type', type && (word('type', type) ?? type))],
    [
      ['vendor', 'newer'],
      named('vendor', vendor && (vendors.find(({ id }) => id === vendor)?.name ?? vendor)),
    ],
    [['outcome', 'reason', 'newer', 'undelivered'], named('outcome', outcome && word('outcome', outcome))],
    [
      ['reason', 'newer'],
      reason && t('activity.filter.reason', { reason: word('reason', reason) ?? reason }),
    ],
    [[], texts.event],
    [[], texts.partly && t('activity.replays.partly')],
    [['newer'], newer && newerWords(newer)],
    [['undelivered'], undelivered && t('activity.filter.undelivered')],
    [['replay'], replay && t('activity.filter.replay', { time: time(replayedAt(replay)) })],
    [['order'], named('order', order)],
    [['placed'], placed && t('activity.filter.placed', { time: time(placed) })],
    [['person'], person && (named('email', who) || t('activity.filter.email'))],
    [['lately'], named('received', lately && t(`activity.filter.lately.${lately}`))],
    [['since', 'until'], since && since === until && dayLabel(day(since))],
    [['since'], since && since !== until && dayLabel(`${t('activity.filter.since')} ${day(since)}`)],
    [['until'], until && since !== until && dayLabel(`${t('activity.filter.until')} ${day(until)}`)],
  ]
  const asked = said.flatMap(([names, text]) => (text ? [{ names, text }] : []))
  if (at === undefined)
    return (
      <InlineStack gap="200">
        {asked.map(({ text }) => (
          <Badge key={text}>{text}</Badge>
        ))}
      </InlineStack>
    )
  return (
    <InlineStack gap="200" blockAlign="center">
      {asked.map(({ names, text }) => (
        <Button
          key={text}
          url={without(at, texts, names)}
          icon={Cross}
          size="slim"
          accessibilityLabel={t('activity.filter.remove', { filter: text })}
        >
          {text}
        </Button>
      ))}
      <Button url={at} variant="plain">
        {t('activity.filter.clear')}
      </Button>
    </InlineStack>
  )
}

const Cross = () => (
  <svg viewBox="0 0 20 20" aria-hidden="true">
    <path d="m6 6 8 8m0-8-8 8" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
  </svg>
)

/** What it says, and what is asked for no more without it: a reason is one of its outcome. */
type Asked = [names: readonly (keyof SearchTexts)[], text: string | false | null | undefined]

/** The address of the list by all other filters. */
function without(at: string, texts: SearchTexts, names: readonly string[]): string {
  const left = Object.entries(texts).filter(([name, value]) => value && !names.includes(name))
  return left.length > 0 ? `${at}?${new URLSearchParams(left)}` : at
}
