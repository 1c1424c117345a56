/** The shop itself: since when it is there, and whether Shopify and its storefront are heard. */
import { Banner, BlockStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { SupportShopPage } from '../../../runtime/support-shop.ts'
import { Facts } from '../../activity/facts.tsx'
import { Part } from '../../part.tsx'
import { useTime } from '../../times.ts'

export function ShopFacts({ page }: { page: SupportShopPage }) {
  const { t } = useTranslation()
  const time = useTime()
  const { domain, storefrontUrl, installedAt, uninstalledAt, trouble, notConnected } = page
  const heard = (at: string | null) => (at ? time(at) : t('support.shop.facts.never'))
  return (
    <Part title={t('support.shop.facts.title')}>
      <BlockStack gap="200">
        {uninstalledAt && (
          <Banner tone="warning">
            <p>{t('support.shop.facts.gone')}</p>
          </Banner>
        )}
        {trouble && (
          <Banner tone="critical">
            <p>
              {t('support.shop.facts.trouble', {
                time: trouble.since ? time(trouble.since) : '',
                sentence: trouble.sentence,
              })}
            </p>
          </Banner>
        )}
        <Facts
          facts={[
            { name: t('support.shop.facts.domain'), value: domain },
            { name: t('support.shop.facts.storefront'), value: storefrontUrl },
            { name: t('support.shop.facts.installed'), value: time(installedAt) },
            ...(uninstalledAt
              ? [{ name: t('support.shop.facts.uninstalled'), value: time(uninstalledAt) }]
              : []),
            { name: t('support.shop.facts.embed'), value: heard(page.storefrontHeardAt) },
            { name: t('support.shop.facts.pixel'), value: heard(page.pixelHeardAt) },
            {
              name: t('support.shop.facts.order'),
              value: page.lastOrderAt ? time(page.lastOrderAt) : t('support.shop.facts.noOrder'),
            },
          ]}
        />
        {notConnected.length > 0 && (
          <Text as="p" tone="subdued">
            {t('support.shop.facts.notConnected', { vendors: notConnected.join(', ') })}
          </Text>
        )}
      </BlockStack>
    </Part>
  )
}
