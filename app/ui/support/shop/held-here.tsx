/** What support holds, as support reads it: who holds it, since when and why, and where it is released. */
import { Banner, BlockStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownHold } from '../../../runtime/merchant-vendors.ts'
import { useTime } from '../../times.ts'

type Props = {
  /** The shop's page. */
  at: string
  vendor: string
  name: string
  hold: ShownHold
  /** As the audit names who holds it; undefined: it does not know. */
  holder: string | undefined
}

export function HeldHere({ at, vendor, name, hold: { reason, since, until }, holder }: Props) {
  const { t } = useTranslation()
  const time = useTime()
  return (
    <Banner tone="warning" title={t('support.shop.heldHere.title', { name })}>
      <BlockStack gap="150">
        {holder && (
          <Text as="p" breakWord>
            {t('support.shop.heldHere.by', { actor: holder })}
          </Text>
        )}
        <Text as="p">
          {until
            ? t('support.shop.hold.until', { since: time(since), until: time(until) })
            : t('support.shop.hold.since', { since: time(since) })}
        </Text>
        <Text as="p" breakWord>
          {t('support.shop.hold.reason', { reason })}
        </Text>
        <Text as="p">
          <Link url={`${at}#${vendor}`}>{t('support.shop.heldHere.release', { name })}</Link>
        </Text>
      </BlockStack>
    </Banner>
  )
}
