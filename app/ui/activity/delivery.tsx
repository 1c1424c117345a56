import { Badge, BlockStack, Box, Button, Card, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownAttempt, ShownDelivery } from '../../runtime/merchant-activity.ts'
import { useSay } from '../i18n.ts'
import { Held } from '../vendors/held.tsx'
import { JsonText } from './json-text.tsx'
import { TONES, useTime, useWord } from './words.ts'

type Props = { eventId: string; delivery: ShownDelivery; onReplay(): void; busy: boolean }

/** What was decided for one vendor, each attempt, and what happens next. */
export function DeliveryCard({ eventId, delivery, onReplay, busy }: Props) {
  const { t } = useTranslation()
  const word = useWord()
  const { vendor, name, outcome, reason, message, attempts, canReplay, hold } = delivery
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
            <Badge tone={TONES[outcome]}>{t(`activity.outcome.${outcome}`)}</Badge>
          </InlineStack>
          <InlineStack gap="200">
            <Button
              url={`/app/vendors/${vendor}/preview?event=${eventId}`}
              accessibilityLabel={t('preview.openNamed', { name })}
            >
              {t('preview.open')}
            </Button>
            {canReplay && (
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
        {hold ? (
          <Held name={name} hold={hold} />
        ) : (
          message && (
            <Text as="p" tone="subdued" breakWord>
              {say(message)}
            </Text>
          )
        )}
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
                <Attempt attempt={attempt} />
              </li>
            ))}
          </ol>
        )}
        <Next delivery={delivery} />
      </BlockStack>
    </Card>
  )
}

function Attempt({ attempt }: { attempt: ShownAttempt }) {
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
          {t('activity.attempts.line', {
            number,
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
  const { outcome, nextBy, nextAttemptAt, waitsUntil } = delivery
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
      {next}
    </Text>
  )
}
