import { BlockStack, Divider, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { Facts } from '../../activity/facts.tsx'
import { Acts, Name, Rests, Shops, useDeliveryFacts } from './vendor-parts.tsx'
import type { VendorsProps } from './vendors.tsx'

/** Vendors below each other, on a phone. */
export function VendorCards({ vendors, mayAct }: VendorsProps) {
  const { t } = useTranslation()
  const facts = useDeliveryFacts()
  return (
    <BlockStack as="ul" gap="300">
      {vendors.map((vendor, place) => (
        <li key={vendor.vendor} style={{ listStyle: 'none' }}>
          <BlockStack gap="200">
            {place > 0 && <Divider />}
            <Text as="h3" variant="headingSm">
              <Name vendor={vendor} />
            </Text>
            <Shops vendor={vendor} />
            <Rests vendor={vendor} />
            <Text as="h4" variant="bodyMd" fontWeight="medium">
              {t('support.fleet.deliveries')}
            </Text>
            <Facts facts={facts(vendor)} />
            {mayAct && <Acts vendor={vendor} />}
          </BlockStack>
        </li>
      ))}
    </BlockStack>
  )
}
