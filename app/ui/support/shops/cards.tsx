import { BlockStack, Divider, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { Facts } from '../../activity/facts.tsx'
import { StateBadge } from '../lane-state.tsx'
import { ShopName } from './name.tsx'
import type { ListProps } from './table.tsx'
import { FIGURES, nameOf, useFigures } from './words.ts'

/** The same below each other, on a phone. */
export function ShopCards({ shops, vendors, now }: ListProps) {
  const { t } = useTranslation()
  const figures = useFigures(now)
  return (
    <ul aria-label={t('support.shops.list')} style={{ listStyle: 'none', margin: 0, padding: 0 }}>
      {shops.map((shop, place) => (
        <li key={shop.id}>
          {place > 0 && <Divider />}
          <div style={{ padding: '0.75rem 1rem' }}>
            <BlockStack gap="300">
              <ShopName shop={shop} />
              {shop.lanes.length === 0 && (
                <Text as="p" tone="subdued">
                  {t('support.shops.noVendors')}
                </Text>
              )}
              {shop.lanes.map(lane => (
                <BlockStack key={lane.vendor} gap="100">
                  <InlineStack gap="200" blockAlign="center">
                    <Text as="span" fontWeight="medium">
                      {nameOf(vendors, lane.vendor)}
                    </Text>
                    <StateBadge state={lane.state} />
                  </InlineStack>
                  <Facts
                    facts={FIGURES.map(figure => ({
                      name: t(`support.shops.${figure}`),
                      value: figures.of(lane)[figure],
                    }))}
                  />
                </BlockStack>
              ))}
            </BlockStack>
          </div>
        </li>
      ))}
    </ul>
  )
}
