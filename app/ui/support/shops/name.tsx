import { useSearchParams } from '@remix-run/react'
import { Badge, BlockStack, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { type ShownShop, shopAddress } from './words.ts'

/** A shop's domain, which leads to its page, what it is called, and what else is to be known of it. */
export function ShopName({ shop }: { shop: ShownShop }) {
  const { t } = useTranslation()
  const [asked] = useSearchParams()
  const { domain, name, removed, hasOrder } = shop
  return (
    <BlockStack gap="100">
      <Text as="span" fontWeight="semibold" breakWord>
        <Link url={shopAddress(domain)}>{domain}</Link>
      </Text>
      {name !== null && (
        <Text as="span" tone="subdued" breakWord>
          {name}
        </Text>
      )}
      {(removed || hasOrder) && (
        <InlineStack gap="100">
          {removed && <Badge>{t('support.shops.removed')}</Badge>}
          {hasOrder && (
            <Link
              url={`${shopAddress(domain)}/activity?${new URLSearchParams({ order: asked.get('text') ?? '' })}`}
            >
              {t('support.shops.hasOrder')}
            </Link>
          )}
        </InlineStack>
      )}
    </BlockStack>
  )
}
