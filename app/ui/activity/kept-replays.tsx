/** What was sent again, the newest first: each leads to the list of exactly these deliveries, or to the one event. */
import { BlockStack, Divider, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { KeptReplay, OpenedReplay } from '../../runtime/merchant-activity.ts'
import { Part } from '../part.tsx'
import { useTime } from '../times.ts'
import { AskedFor } from './asked.tsx'
import { useBecame } from './became.ts'
import { MERCHANT_AT, replayedAt, useWord } from './words.ts'

type Props = { replays: readonly KeptReplay[]; vendors: readonly { id: string; name: string }[] }

export function KeptReplays({ replays, vendors }: Props) {
  const { t } = useTranslation()
  return (
    <Part title={t('activity.replays.list')}>
      <BlockStack as="ul" gap="300">
        {replays.map((replay, place) => (
          <li key={replay.id} style={{ listStyle: 'none' }}>
            <BlockStack gap="300">
              {place > 0 && <Divider />}
              <Kept replay={replay} vendors={vendors} />
            </BlockStack>
          </li>
        ))}
      </BlockStack>
    </Part>
  )
}

type OpenedProps = { replay: OpenedReplay; vendors: Props['vendors'] }

/** What one of them took, by whom and why, above the list of exactly these deliveries. */
export function Opened({ replay: { id, by, chosen, count, reason }, vendors }: OpenedProps) {
  const { t, i18n } = useTranslation()
  const time = useTime()
  const { vendor, ...filters } = chosen
  const name = vendors.find(each => each.id === vendor)?.name ?? vendor
  const figures = {
    count,
    number: new Intl.NumberFormat(i18n.language).format(count),
    time: time(replayedAt(id)),
  }
  return (
    <Part
      title={
        name === undefined
          ? t('activity.replays.sent', figures)
          : t('activity.replays.sentTo', { ...figures, vendor: name })
      }
    >
      <BlockStack gap="150">
        <Text as="p" tone="subdued">
          {t(`activity.replays.by.${by}`)}
        </Text>
        <AskedFor texts={filters} vendors={vendors} days={null} />
        {reason !== null && (
          <Text as="p" breakWord>
            {t('vendors.held.reason', { reason })}
          </Text>
        )}
      </BlockStack>
    </Part>
  )
}

type KeptProps = { replay: KeptReplay; vendors: Props['vendors'] }

function Kept({ replay: { id, by, chosen, count, outcomes, countedUpTo, event }, vendors }: KeptProps) {
  const { t, i18n } = useTranslation()
  const time = useTime()
  const became = useBecame()
  const word = useWord()
  const number = new Intl.NumberFormat(i18n.language).format
  const left = Object.values(outcomes).reduce((sum, each) => sum + each, 0)
  const isWhole = Object.values(outcomes).every(each => each <= countedUpTo)
  const gone = isWhole ? count - left : 0
  const more = gone > 0 ? t('activity.replays.gone', { count: gone, number: number(gone) }) : null
  const when = time(replayedAt(id))
  const name = event && [word('type', event.type) ?? event.type, event.about].filter(Boolean).join(' · ')
  const alone = chosen.event && [t('activity.replays.alone'), name].filter(Boolean).join(': ')
  const address = chosen.event
    ? event && `${MERCHANT_AT}/${chosen.event}`
    : left > 0 && `${MERCHANT_AT}?${new URLSearchParams({ replay: id })}`
  return (
    <BlockStack gap="150">
      <InlineStack gap="200" align="space-between" blockAlign="center">
        <Text as="h3" variant="headingSm">
          {address ? <Link url={address}>{when}</Link> : when}
        </Text>
        <Text as="span" tone="subdued">
          {t(`activity.replays.by.${by}`)}
        </Text>
      </InlineStack>
      <AskedFor texts={{ ...chosen, ...(alone && { event: alone }) }} vendors={vendors} days={null} />
      <Text as="p">
        {t('activity.replays.count', { count, number: number(count) })}{' '}
        {became(outcomes, { again: chosen.outcome === 'skipped', most: countedUpTo, more })}
      </Text>
    </BlockStack>
  )
}
