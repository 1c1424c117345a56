import { Banner, BlockStack, InlineStack, Link } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { useTime } from '../times.ts'
import type { Sent } from './replay-many.tsx'
import { ReplayOutcomes } from './replay-outcomes.tsx'
import { replayedAt } from './words.ts'

type Props = { at: string; sent: Sent; onDismiss?: () => void }

/**
 * Says what became of what was sent again once its dialog is closed, and leads to it: a list that is filtered may show none of it any
 * more. That it is on its way would be untrue a moment later.
 */
export function SentAgain({ at, sent: { id, count, again }, onDismiss }: Props) {
  const { t, i18n } = useTranslation()
  const time = useTime()
  const began = time(replayedAt(id))
  const number = new Intl.NumberFormat(i18n.language)
  return (
    <Banner {...(onDismiss && { onDismiss })}>
      <BlockStack gap="200">
        <InlineStack gap="200">
          <span>
            {count === null
              ? t('activity.replay.begunAt', { time: began })
              : t('activity.replay.sentAt', { time: began, number: number.format(count) })}
          </span>
          <Link url={`${at}?${new URLSearchParams({ replay: id })}`}>{t('activity.replay.seeAll')}</Link>
        </InlineStack>
        <ReplayOutcomes key={id} at={at} replayId={id} again={again} />
      </BlockStack>
    </Banner>
  )
}
