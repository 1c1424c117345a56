import { useFetcher } from '@remix-run/react'
import { BlockStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { DisconnectAnswer, VendorCard } from '../../runtime/merchant-vendors.ts'
import type { Unanswered } from '../answered.ts'
import { counted } from '../counted.ts'
import { Dialog } from '../dialog.tsx'
import { NotDoneAbove, useAnswer } from '../unanswered.tsx'

type Props = {
  card: VendorCard
  number(value: number): string
  onAnswer(answer: DisconnectAnswer): void
  onClose(): void
}

/** Asks before a vendor is disconnected, and says what becomes of what waits for it. It stays open until that is answered. */
export function Disconnect({ card: { name, counts }, number, onAnswer, onClose }: Props) {
  const fetcher = useFetcher<DisconnectAnswer | Unanswered>()
  const unanswered = useAnswer(fetcher, onAnswer)
  const { t } = useTranslation()
  const waiting = counts.open + counts.forVisitor + counts.held
  return (
    <Dialog
      title={t('vendors.disconnect.title', { name })}
      onClose={onClose}
      primaryAction={{
        content: t('vendors.disconnect.confirm'),
        destructive: true,
        loading: fetcher.state !== 'idle',
        onAction: () => fetcher.submit({ intent: 'disconnect' }, { method: 'post' }),
      }}
      secondaryActions={[{ content: t('vendors.disconnect.cancel'), onAction: onClose }]}
    >
      <NotDoneAbove answer={unanswered} />
      <BlockStack gap="200">
        <Text as="p" fontWeight="semibold">
          {waiting > 0
            ? t('vendors.disconnect.waiting', { count: waiting, number: counted(waiting, number), name })
            : t('vendors.disconnect.nothing')}
        </Text>
        <Text as="p">{t('vendors.disconnect.forgets', { name })}</Text>
        <Text as="p">{t('vendors.disconnect.instead')}</Text>
      </BlockStack>
    </Dialog>
  )
}
