/** What stops a vendor besides support's hold, as support reads it: since when, by whom, and that only its merchant can end it. */
import { Banner, BlockStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownStopped } from '../../../runtime/merchant-activity.ts'
import { useSay } from '../../i18n.ts'
import { useTime } from '../../times.ts'

type Props = {
  /** The shop's page. */
  at: string
  vendor: string
  name: string
  stops: readonly ShownStopped[]
}

export function StoppedHere({ at, vendor, name, stops }: Props) {
  const { t } = useTranslation()
  const time = useTime()
  const say = useSay()
  const said = ({ kind, from, by, refused }: ShownStopped) => {
    const since = time(from)
    if (kind === 'off')
      return by === null
        ? t('support.shop.stoppedHere.offByMerchant', { since })
        : t('support.shop.stoppedHere.offByStaff', { since, by })
    return refused
      ? t('support.shop.stoppedHere.refused', { name, since })
      : t('support.shop.stoppedHere.attention', { since })
  }
  return (
    <Banner tone="warning" title={t('support.shop.stoppedHere.title', { name })}>
      <BlockStack gap="150">
        {stops.map(stop => (
          <BlockStack key={`${stop.kind}:${stop.from}`} gap="050">
            <Text as="p" breakWord>
              {said(stop)}
            </Text>
            {stop.message !== null && (
              <Text as="p" breakWord>
                {t('vendors.held.reason', { reason: say(stop.message) })}
              </Text>
            )}
          </BlockStack>
        ))}
        <Text as="p">
          <Link url={`${at}#${vendor}`}>{t('support.shop.stoppedHere.lane', { name })}</Link>
        </Text>
      </BlockStack>
    </Banner>
  )
}
