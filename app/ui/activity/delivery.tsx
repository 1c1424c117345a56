import { Badge, BlockStack, Box, Button, Card, InlineStack, Link, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ShownAttempt, ShownDelivery } from '../../runtime/merchant-activity.ts'
import type { ShownHold } from '../../runtime/merchant-vendors.ts'
import { useSay } from '../i18n.ts'
import { useTime } from '../times.ts'
import { Held } from '../vendors/held.tsx'
import { JsonText } from './json-text.tsx'
import { Waited } from './waited.tsx'
import { TONES, useWord } from './words.ts'

type Props = {
  delivery: ShownDelivery
  /** Where it is shown what the tool would be sent now, if anywhere. */
  preview?: string
  /** Not given: who looks may not send it again. */
  onReplay?: (() => void) | undefined
  /** Tries what waits before its time. Not given: who looks may not. */
  onTry?: (() => void) | undefined
  /** Tells of support's hold in other words than the merchant's. */
  showHold?: (delivery: ShownDelivery, hold: ShownHold) => ReactNode
  /** The address of the page of an event. */
  eventAt: (event: string) => string
  busy: boolean
}

/** What was decided for one vendor, each attempt, and what happens next. */
export function DeliveryCard({ delivery, preview, onReplay, onTry, showHold, eventAt, busy }: Props) {
  const { t } = useTranslation()
  const word = useWord()
  const {
    name,
    outcome,
    reason,
    message,
    attempts,
    canReplay,
    canTryNow,
    hold,
    deliveredBefore,
    sentInstead,
  } = delivery
  const again =
    deliveredBefore && (outcome === 'waiting' || outcome === 'held' || outcome === 'failed') ? outcome : null
  const say = useSay()
  const why = reason && word('reason', reason)
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" align="space-between" blockAlign="center">
          <InlineStack gap="200" blockAlign="center">
            <Text as="h3" variant="headingSm">
              {name}
            </Text>
            <Badge tone={TONES[outcome]}>
              {again ? t(`activity.again.${again}`) : t(`activity.outcome.${outcome}`)}
            </Badge>
          </InlineStack>
          <InlineStack gap="200">
            {preview && (
              <Button url={preview} accessibilityLabel={t('preview.openNamed', { name })}>
                {t('preview.open')}
              </Button>
            )}
            {canTryNow && onTry && (
              <Button
                onClick={onTry}
                disabled={busy}
                accessibilityLabel={t('vendors.tryNow.named', { name })}
              >
                {t('vendors.tryNow.button')}
              </Button>
            )}
            {canReplay && onReplay && (
              <Button
                onClick={onReplay}
                disabled={busy}
                accessibilityLabel={t('activity.replay.oneAt', { name })}
              >
                {t('activity.replay.one')}
              </Button>
            )}
          </InlineStack>
        </InlineStack>
        {why && (
          <Text as="p" fontWeight="medium">
            {why}
          </Text>
        )}
        {hold
          ? (showHold?.(delivery, hold) ?? <Held name={name} hold={hold} />)
          : message && (
              <Text as="p" tone="subdued" breakWord>
                {reason === 'on_hold' ? message : say(message)}
              </Text>
            )}
        {sentInstead && (
          <Text as="p">
            <Link url={eventAt(sentInstead)}>{t('activity.sentInstead')}</Link>
          </Text>
        )}
        <Waited stopped={delivery.stopped} />
        {attempts.length === 0 ? (
          <Text as="p" variant="bodySm" tone="subdued">
            {t('activity.attempts.none')}
          </Text>
        ) : (
          <ol
            aria-label={t('activity.attempts.of', { name })}
            style={{ listStyle: 'none', margin: 0, padding: 0 }}
          >
            {attempts.map((attempt, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: steps of one attempt share its number, and none ever moves
              <li key={`${attempt.number}:${place}`}>
                <Attempt attempt={attempt} {...requestOf(attempts, place)} />
              </li>
            ))}
          </ol>
        )}
        <Next delivery={delivery} />
      </BlockStack>
    </Card>
  )
}

/** Which of its attempt's requests it is: a vendor may need several for one event. */
function requestOf(attempts: readonly ShownAttempt[], place: number): { request: number; requests: number } {
  const isOfSame = (each: ShownAttempt) => each.number === attempts[place]?.number
  const upTo = attempts.slice(0, place + 1)
  return { request: upTo.filter(isOfSame).length, requests: attempts.filter(isOfSame).length }
}

type AttemptProps = { attempt: ShownAttempt; request: number; requests: number }

function Attempt({ attempt, request: place, requests }: AttemptProps) {
  const { t, i18n } = useTranslation()
  const word = useWord()
  const say = useSay()
  const time = useTime()
  const { number, outcome, startedAt, durationMs, request, response, error, message } = attempt
  const took = new Intl.NumberFormat(i18n.language).format(durationMs)
  return (
    <Box paddingBlock="200" borderBlockStartWidth="025" borderColor="border-secondary">
      <BlockStack gap="100">
        <Text as="p" variant="bodySm">
          {t(requests > 1 ? 'activity.attempts.lineOfMany' : 'activity.attempts.line', {
            ...{ number, request: place, requests },
            outcome: word('attempt', outcome) ?? outcome,
            time: time(startedAt),
            took,
          })}
        </Text>
        {message && (
          <Text as="p" variant="bodySm" tone="subdued" breakWord>
            {say(message)}
          </Text>
        )}
        <JsonText label={t('activity.attempts.request')} text={request} />
        {response === null ? (
          <Text as="p" variant="bodySm" breakWord>
            {t('activity.attempts.noAnswer', { error })}
          </Text>
        ) : (
          <JsonText label={t('activity.attempts.response')} text={response} />
        )}
      </BlockStack>
    </Box>
  )
}

function Next({ delivery }: { delivery: ShownDelivery }) {
  const { t } = useTranslation()
  const time = useTime()
  const say = useSay()
  const { outcome, nextBy, nextWhy, nextAttemptAt, waitsUntil } = delivery
  const at = nextAttemptAt === null ? '' : time(nextAttemptAt)
  const next = waitsUntil
    ? t('activity.next.visitor', { time: time(waitsUntil) })
    : nextBy
      ? t(`activity.next.${nextBy}`, { time: at })
      : t(`activity.next.${outcome === 'held' || outcome === 'failed' ? outcome : 'nothing'}`)
  return (
    <Text as="p">
      <Text as="span" fontWeight="semibold">
        {t('activity.next.title')}
      </Text>{' '}
      {[
        next,
        nextWhy && t('vendors.why.because', { why: say(nextWhy.why) }),
        nextWhy?.everyShop && t('vendors.why.everyShop'),
      ]
        .filter(Boolean)
        .join(' ')}
    </Text>
  )
}
