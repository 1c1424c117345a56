import { Banner, InlineStack, Link } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { useTime } from '../times.ts'
import type { Sent } from './replay-many.tsx'
import { replayedAt } from './words.ts'

/** Leads to what was sent again once its dialog is closed: a list that is filtered may show none of it any more. */
export function SentAgain({ at, sent: { id, count } }: { at: string; sent: Sent }) {
  const { t, i18n } = useTranslation()
  const time = useTime()
  const began = time(replayedAt(id))
  const number = new Intl.NumberFormat(i18n.language)
  return (
    <Banner>
      <InlineStack gap="200">
        <span>
          {count === null
            ? t('activity.replay.begunAt', { time: began })
            : t('activity.replay.sentAt', { time: began, number: number.format(count) })}
        </span>
        <Link url={`${at}?${new URLSearchParams({ replay: id })}`}>{t('activity.replay.seeAll')}</Link>
      </InlineStack>
    </Banner>
  )
}
