import { BlockStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { VendorCard } from '../../runtime/merchant-vendors.ts'
import { counted } from '../counted.ts'
import { Dialog } from '../dialog.tsx'

type Props = { card: VendorCard; onConfirm(): void; onClose(): void }

/** Asks before a vendor is disconnected, and says what becomes of what waits for it. */
export function Disconnect({ card: { name, counts }, onConfirm, onClose }: Props) {
  const { t, i18n } = useTranslation()
  const waiting = counts.open + counts.forVisitor + counts.held
  const number = counted(waiting, value => new Intl.NumberFormat(i18n.language).format(value))
  return (
    <Dialog
      title={t('vendors.disconnect.title', { name })}
      onClose={onClose}
      primaryAction={{ content: t('vendors.disconnect.confirm'), destructive: true, onAction: onConfirm }}
      secondaryActions={[{ content: t('vendors.disconnect.cancel'), onAction: onClose }]}
    >
      <BlockStack gap="200">
        <Text as="p" fontWeight="semibold">
          {waiting > 0
            ? t('vendors.disconnect.waiting', { count: waiting, number, name })
            : t('vendors.disconnect.nothing')}
        </Text>
        <Text as="p">{t('vendors.disconnect.forgets', { name })}</Text>
        <Text as="p">{t('vendors.disconnect.instead')}</Text>
      </BlockStack>
    </Dialog>
  )
}
