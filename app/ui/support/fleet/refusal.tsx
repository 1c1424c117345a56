import { Banner } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { Turned } from '../../../runtime/support-fleet.ts'

/** What was answered to a hold or a release of many shops. `failed`: no answer came. */
export type Answer = Turned | { kind: 'begun' } | { kind: 'failed' }

/** Why it was not done, where that was answered. */
export function Refusal({ answer }: { answer: Answer | null }) {
  const { t } = useTranslation()
  const why =
    answer?.kind === 'failed'
      ? t('support.fleet.failed')
      : answer?.kind === 'refused'
        ? t(`support.fleet.refused.${answer.why}`)
        : null
  return (
    <div role="alert">
      {why !== null && (
        <Banner tone="critical">
          <p>{why}</p>
        </Banner>
      )}
    </div>
  )
}
