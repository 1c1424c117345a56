import { BlockStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownStopped } from '../../runtime/merchant-activity.ts'
import { useSay } from '../i18n.ts'
import { useTime } from '../times.ts'

const OFF = {
  you: 'activity.waited.offByYou',
  support: 'activity.waited.offBySupport',
  merchant: 'support.shop.waited.offByMerchant',
  staff: 'support.shop.waited.offByStaff',
} as const

/** Why an event waited for a tool, where it does not any more. */
export function Waited({ stopped }: { stopped: readonly ShownStopped[] }) {
  const { t } = useTranslation()
  const time = useTime()
  const say = useSay()
  if (stopped.length === 0) return null
  const line = ({ kind, from, until, switchedBy, by }: ShownStopped) => {
    const told = kind === 'off' ? OFF[switchedBy] : (`activity.waited.${kind}` as const)
    return until === null
      ? t(`${told}Since`, { from: time(from), by })
      : t(told, { from: time(from), until: time(until), by })
  }
  /** What support wrote stays as it is. */
  const why = ({ kind, message, by }: ShownStopped) => [
    ...(by === null || kind === 'off' ? [] : [t('support.shop.standing.by', { by })]),
    ...(message === null
      ? []
      : [t('vendors.held.reason', { reason: kind === 'hold' ? message : say(message) })]),
  ]
  return (
    <BlockStack gap="100">
      <Text as="p" fontWeight="semibold">
        {t('activity.waited.title')}
      </Text>
      <ul aria-label={t('activity.waited.title')} style={{ listStyle: 'none', margin: 0, padding: 0 }}>
        {stopped.map(each => (
          <li key={`${each.kind}:${each.from}`} style={{ paddingBlockEnd: '0.25rem' }}>
            <Text as="p">{line(each)}</Text>
            {why(each).map(said => (
              <Text key={said} as="p" variant="bodySm" tone="subdued" breakWord>
                {said}
              </Text>
            ))}
          </li>
        ))}
      </ul>
    </BlockStack>
  )
}
