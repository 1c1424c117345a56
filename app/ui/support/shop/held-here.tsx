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
  /** Since when the event waits for its end; null: not known. */
  heldSince: string | null
  /** As the audit names who holds it; undefined: it does not know. */
  holder: string | undefined
}

export function HeldHere({ at, vendor, name, hold: { reason, since, until }, heldSince, holder }: Props) {
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
            ? t('support.shop.heldHere.until', { name, since: time(since), until: time(until) })
            : t('support.shop.heldHere.since', { name, since: time(since) })}
        </Text>
        {heldSince && <Text as="p">{t('support.shop.heldHere.event', { since: time(heldSince) })}</Text>}
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
