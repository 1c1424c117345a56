import { Badge, BlockStack, Button, Card, InlineStack, Link, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ShownDelivery, ShownStopped } from '../../runtime/merchant-activity.ts'
import type { ShownHold } from '../../runtime/merchant-vendors.ts'
import { useSay } from '../i18n.ts'
import { useTime } from '../times.ts'
import { Held } from '../vendors/held.tsx'
import { Attempts } from './attempts.tsx'
import { useNeeds } from './needs.ts'
import { Waited } from './waited.tsx'
import { againOf, TONES, useSpan, useWord } from './words.ts'

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
  /** Tells what else stops the tool, in place of what its merchant would do about it. */
  showStops?: (delivery: ShownDelivery) => ReactNode
  /** The address of the page of an event. */
  eventAt: (event: string) => string
  /** Whether a browser told of the event. */
  visited: boolean
  busy: boolean
}

/** What was decided for one vendor, each attempt, and what happens next. */
export function DeliveryCard({
  delivery,
  preview,
  onReplay,
  onTry,
  showHold,
  showStops,
  eventAt,
  visited,
  busy,
}: Props) {
  const { t } = useTranslation()
  const word = useWord()
  const { name, outcome, reason, message, attempts, canReplay, canTryNow, hold, sentInstead, needs, late } =
    delivery
  const again = againOf(delivery)
  const say = useSay()
  const needed = useNeeds()
  const span = useSpan()
  const why = reason && word('reason', reason)
  /** What stopped it before the hold is told before it. */
  const isEarlier = ({ from }: ShownStopped) => hold !== null && from < hold.since
  const told = (stops: readonly ShownStopped[]) =>
    stops.length > 0 && showStops?.({ ...delivery, stops: [...stops] })
  const stops = told(delivery.stops.filter(stop => !isEarlier(stop)))
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
        {told(delivery.stops.filter(isEarlier))}
        {hold && (showHold?.(delivery, hold) ?? <Held name={name} hold={hold} off={hold.off} />)}
        {stops ||
          (!hold && message && (
            <Text as="p" tone="subdued" breakWord>
              {reason === 'on_hold' ? message : say(message)}
            </Text>
          ))}
        {delivery.acceptsNow && <Text as="p">{t('activity.acceptsNow')}</Text>}
        {sentInstead && (
          <Text as="p">
            <Link url={eventAt(sentInstead)}>{t('activity.sentInstead')}</Link>
          </Text>
        )}
        {needs && (
          <Text as="p" tone="subdued" breakWord>
            {needed(name, needs, visited)}
          </Text>
        )}
        <Waited stopped={delivery.stopped} />
        {late && (
          <Text as="p">{t(`activity.late.${late.mayWaitFor ?? 'alone'}`, { span: span(late.ms) })}</Text>
        )}
        <Attempts name={name} attempts={attempts} again={delivery.again} />
        <Next delivery={delivery} />
      </BlockStack>
    </Card>
  )
}

function Next({ delivery }: { delivery: ShownDelivery }) {
  const { t } = useTranslation()
  const time = useTime()
  const say = useSay()
  const word = useWord()
  const { outcome, nextBy, nextWhy, nextAttemptAt, waitsUntil, acceptsNow, skipsAgain } = delivery
  const ended = outcome === 'held' ? 'held' : outcome === 'failed' || acceptsNow ? 'failed' : 'nothing'
  const at = nextAttemptAt === null ? '' : time(nextAttemptAt)
  const skips =
    skipsAgain !== null && (nextBy || outcome === 'held')
      ? { reason: word('reason', skipsAgain) ?? skipsAgain }
      : null
  const next = waitsUntil
    ? t('activity.next.visitor', { time: time(waitsUntil) })
    : skips
      ? nextBy === 'lane'
        ? t('activity.next.paused', { time: at })
        : t(nextBy === 'now' || nextBy === 'time' ? 'activity.next.skipsNow' : 'activity.next.skips', skips)
      : nextBy
        ? t(`activity.next.${nextBy}`, { time: at })
        : t(`activity.next.${ended}`)
  return (
    <Text as="p">
      <Text as="span" fontWeight="semibold">
        {t('activity.next.title')}
      </Text>{' '}
      {[
        next,
        nextWhy && t('vendors.why.because', { why: say(nextWhy.why) }),
        nextWhy?.everyShop && t('vendors.why.everyShop'),
        skips && nextBy === 'lane' && t('activity.next.thenSkipped', skips),
      ]
        .filter(Boolean)
        .join(' ')}
    </Text>
  )
}
