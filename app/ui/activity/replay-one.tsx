import { Banner, BlockStack, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ShownDelivery } from '../../runtime/merchant-activity.ts'
import { Dialog } from '../dialog.tsx'
import { useStops } from './stops.ts'
import { useWord } from './words.ts'

/** Why something is sent again, where that has to be said: the field for it, and what stands in it. */
export type Why = { reason: string; field: ReactNode }

type Props = {
  delivery: Pick<ShownDelivery, 'name' | 'stop' | 'skipsAgain'>
  /** Not given: nobody has to say why. */
  why?: Why | undefined
  onSend(): void
  onClose(): void
}

/** Asks whether one event is to be sent again to a tool, and says first where it would only wait. */
export function ReplayOne({ delivery: { name, stop, skipsAgain }, why, onSend, onClose }: Props) {
  const { t } = useTranslation()
  const { before } = useStops()
  const word = useWord()
  return (
    <Dialog
      title={t('activity.replay.oneTitle', { name })}
      onClose={onClose}
      primaryAction={{
        content: t('activity.replay.one'),
        onAction: onSend,
        disabled: why?.reason.trim() === '',
      }}
      secondaryActions={[{ content: t('activity.replay.cancel'), onAction: onClose }]}
    >
      <BlockStack gap="400">
        {stop && (
          <Banner tone="warning">
            <p>{before(name, stop)}</p>
          </Banner>
        )}
        {skipsAgain && (
          <Banner tone="warning">
            <p>{t('activity.replay.oneSkips', { name, reason: word('reason', skipsAgain) ?? skipsAgain })}</p>
          </Banner>
        )}
        {!skipsAgain && <Text as="p">{t('activity.replay.oneHelp', { name })}</Text>}
        {why?.field}
      </BlockStack>
    </Dialog>
  )
}
