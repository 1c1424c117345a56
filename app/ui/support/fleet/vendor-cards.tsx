import { BlockStack, Divider, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { Facts } from '../../activity/facts.tsx'
import { useFigures } from './figures.ts'
import { Acts, Rests, Shops } from './vendor-parts.tsx'
import type { VendorsProps } from './vendors.tsx'

/** Vendors below each other, on a phone. */
export function VendorCards({ vendors, mayAct }: VendorsProps) {
  const { t } = useTranslation()
  const figures = useFigures()
  return (
    <BlockStack as="ul" gap="300">
      {vendors.map((vendor, place) => (
        <li key={vendor.vendor} style={{ listStyle: 'none' }}>
          <BlockStack gap="200">
            {place > 0 && <Divider />}
            <Text as="h3" variant="headingSm">
              {vendor.name}
            </Text>
            <Shops vendor={vendor} />
            <Rests vendor={vendor} />
            <Text as="h4" variant="bodyMd" fontWeight="medium">
              {t('support.fleet.deliveries')}
            </Text>
            <Facts
              facts={figures(vendor)
                .flatMap(({ parts, ...figure }) => [
                  figure,
                  ...parts.map(part => ({ ...part, name: `${figure.name}: ${part.name}` })),
                ])
                .map(({ url, ...figure }) => (url === null ? figure : { ...figure, url }))}
            />
            {mayAct && <Acts vendor={vendor} />}
          </BlockStack>
        </li>
      ))}
    </BlockStack>
  )
}
