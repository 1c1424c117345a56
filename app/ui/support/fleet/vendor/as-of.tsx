/** Whether a part of the page is as things stand now, or as they were counted last. */
import { Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { useTime } from '../../../times.ts'

/** @param at when it was asked for, ISO 8601 */
export function Now({ at }: { at: string }) {
  const { t } = useTranslation()
  const time = useTime()
  return <Line>{t('support.vendor.now', { time: time(at) })}</Line>
}

/** @param until up to when changes are counted, ISO 8601; null: nothing was counted yet */
export function Counted({ until }: { until: string | null }) {
  const { t } = useTranslation()
  const time = useTime()
  return <Line>{until ? t('support.vendor.asOf', { time: time(until) }) : t('support.vendor.soon')}</Line>
}

function Line({ children }: { children: string }) {
  return (
    <Text as="p" variant="bodySm" tone="subdued">
      {children}
    </Text>
  )
}
