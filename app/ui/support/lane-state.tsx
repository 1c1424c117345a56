/** How a lane stands: one word and one tone for each state on every page of the console. */
import { Badge, BlockStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { Fold } from './shop/fold.tsx'

/** From good to bad: those of app/delivery/lane.ts. */
export const STATES = ['ok', 'untested', 'off', 'paused', 'held', 'late', 'failing', 'attention'] as const
export type LaneState = (typeof STATES)[number]
export const STATE_TONES = {
  ok: 'success',
  untested: 'warning',
  off: undefined,
  paused: 'info',
  held: 'attention',
  late: 'warning',
  failing: 'critical',
  attention: 'critical',
} as const satisfies Record<LaneState, string | undefined>

export function StateBadge({ state }: { state: LaneState }) {
  const { t } = useTranslation()
  return <Badge tone={STATE_TONES[state]}>{t(`support.state.${state}`)}</Badge>
}

/** The order in which they are asked for, with the first that is so. */
const ASKED = ['held', 'off', 'attention', 'failing', 'late', 'paused', 'untested', 'ok'] as const

/** What each means, told in one place: the list of shops. */
export function StatesExplained() {
  const { t } = useTranslation()
  return (
    <Fold label={t('support.state.means.title')}>
      <BlockStack gap="150">
        <Text as="p">{t('support.state.means.order')}</Text>
        <ol style={{ margin: 0, paddingInlineStart: '1.25rem' }}>
          {ASKED.map(state => (
            <li key={state} style={{ paddingBlock: '0.125rem' }}>
              <StateBadge state={state} /> {t(`support.state.means.${state}`)}
            </li>
          ))}
        </ol>
      </BlockStack>
    </Fold>
  )
}
