import { BlockStack, Box, Button, Text } from '@shopify/polaris'
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useTranslation } from 'react-i18next'
import type { ShownAgain, ShownAttempt } from '../../runtime/merchant-activity.ts'
import { useSay } from '../i18n.ts'
import { useTime } from '../times.ts'
import { JsonText } from './json-text.tsx'
import { useWord } from './words.ts'

type Props = { name: string; attempts: readonly ShownAttempt[]; again: readonly ShownAgain[] }

/** So many are listed at once; of more, only the last are, until somebody wants all. */
const MOST = 6
const LAST = 3

/** Each attempt at a tool and, between them, each time it was sent again. */
export function Attempts({ name, attempts, again }: Props) {
  const { t, i18n } = useTranslation()
  const whole = new Intl.NumberFormat(i18n.language)
  const sentAgain = (before: number) =>
    again.flatMap((each, place) =>
      // biome-ignore lint/suspicious/noArrayIndexKey: what was sent again stays so, in its order
      each.before === before ? [<SentAgain key={`again:${place}`} again={each} />] : [],
    )
  const [all, setAll] = useState(false)
  const list = useRef<HTMLOListElement>(null)
  const items = [
    ...attempts.flatMap((attempt, place) => [
      ...sentAgain(place),
      // biome-ignore lint/suspicious/noArrayIndexKey: steps of one attempt share its number, and none ever moves
      <li key={`${attempt.number}:${place}`}>
        <Attempt name={name} attempt={attempt} {...requestOf(attempts, place)} />
      </li>,
    ]),
    ...sentAgain(attempts.length),
  ]
  const folded = all || items.length <= MOST ? 0 : items.length - LAST
  return (
    <>
      {folded > 0 && (
        <Box>
          <Button
            variant="plain"
            textAlign="left"
            onClick={() => {
              // The button goes: what it brought is where the reader goes on.
              flushSync(() => setAll(true))
              list.current?.focus()
            }}
          >
            {t('activity.attempts.earlier', { count: folded, number: whole.format(folded) })}
          </Button>
        </Box>
      )}
      {items.length > 0 && (
        <ol
          aria-label={t('activity.attempts.of', { name })}
          ref={list}
          tabIndex={-1}
          style={{ listStyle: 'none', margin: 0, padding: 0, outline: 'none' }}
        >
          {items.slice(folded)}
        </ol>
      )}
      {attempts.length === 0 && (
        <Text as="p" variant="bodySm" tone="subdued">
          {t('activity.attempts.none')}
        </Text>
      )}
    </>
  )
}

/** With its time, and where that is not known. */
const AGAIN = {
  you: ['activity.sentAgain.byYou', 'activity.sentAgain.byYouOnce'],
  support: ['activity.sentAgain.bySupport', 'activity.sentAgain.bySupportOnce'],
  merchant: ['support.shop.sentAgain.byMerchant', 'support.shop.sentAgain.byMerchantOnce'],
  somebody: ['activity.sentAgain.bySomebody', 'activity.sentAgain.bySomebodyOnce'],
  staff: ['support.shop.sentAgain.byStaff', 'support.shop.sentAgain.byStaffOnce'],
} as const

function SentAgain({ again: { at, by, who, reason, alone } }: { again: ShownAgain }) {
  const { t } = useTranslation()
  const time = useTime()
  const [dated, undated] = AGAIN[by]
  return (
    <li>
      <Box paddingBlock="200" borderBlockStartWidth="025" borderColor="border-secondary">
        <BlockStack gap="100">
          <Text as="p" fontWeight="semibold" breakWord>
            {at === null ? t(undated, { by: who }) : t(dated, { by: who, time: time(at) })}
          </Text>
          {alone === false && (
            <Text as="p" variant="bodySm" tone="subdued">
              {t('activity.sentAgain.withOthers')}
            </Text>
          )}
          {reason !== null && (
            <Text as="p" variant="bodySm" tone="subdued" breakWord>
              {t('vendors.held.reason', { reason })}
            </Text>
          )}
        </BlockStack>
      </Box>
    </li>
  )
}

/** Which of its attempt's requests it is: a vendor may need several for one event. */
function requestOf(attempts: readonly ShownAttempt[], place: number): { request: number; requests: number } {
  const isOfSame = (each: ShownAttempt) => each.number === attempts[place]?.number
  const upTo = attempts.slice(0, place + 1)
  return { request: upTo.filter(isOfSame).length, requests: attempts.filter(isOfSame).length }
}

type AttemptProps = { name: string; attempt: ShownAttempt; request: number; requests: number }

function Attempt({ name, attempt, request: place, requests }: AttemptProps) {
  const { t, i18n } = useTranslation()
  const word = useWord()
  const say = useSay()
  const time = useTime()
  const { number, outcome, startedAt, durationMs, request, response, status, error, message } = attempt
  const took = new Intl.NumberFormat(i18n.language).format(durationMs)
  const line = t(requests > 1 ? 'activity.attempts.lineOfMany' : 'activity.attempts.line', {
    ...{ number, request: place, requests },
    outcome: word('attempt', outcome) ?? outcome,
    time: time(startedAt),
    took,
  })
  const which = `${name}, ${line}`
  return (
    <Box paddingBlock="200" borderBlockStartWidth="025" borderColor="border-secondary">
      <BlockStack gap="100">
        <Text as="p" variant="bodySm">
          {line}
        </Text>
        {message && (
          <Text as="p" variant="bodySm" tone="subdued" breakWord>
            {say(message)}
          </Text>
        )}
        <JsonText label={t('activity.attempts.request')} of={which} text={request} />
        {response === null ? (
          <Text as="p" variant="bodySm" breakWord>
            {t('activity.attempts.noAnswer', { error })}
          </Text>
        ) : (
          <JsonText label={t('activity.attempts.response', { status })} of={which} text={response} />
        )}
      </BlockStack>
    </Box>
  )
}
