import { BlockStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownStopped } from '../../runtime/merchant-activity.ts'
import { useSay } from '../i18n.ts'
import { useTime } from '../times.ts'

/** While it is over, and while it goes on. */
const OFF = {
  you: ['activity.waited.offByYou', 'activity.waited.offByYouSince'],
  support: ['activity.waited.offBySupport', 'activity.waited.offBySupportSince'],
  merchant: ['support.shop.waited.offByMerchant', 'support.shop.waited.offByMerchantSince'],
  staff: ['support.shop.waited.offByStaff', 'support.shop.waited.offByStaffSince'],
} as const

/** Why an event waited for a tool, where it does not any more. */
export function Waited({ stopped }: { stopped: readonly ShownStopped[] }) {
  const { t } = useTranslation()
  const time = useTime()
  const say = useSay()
  if (stopped.length === 0) return null
  const line = ({ kind, from, until, switchedBy, by }: ShownStopped) => {
    const [over, going] =
      kind === 'off'
        ? OFF[switchedBy]
        : ([`activity.waited.${kind}`, `activity.waited.${kind}Since`] as const)
    return until === null
      ? t(going, { from: time(from), by })
      : t(over, { from: time(from), until: time(until), by })
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
