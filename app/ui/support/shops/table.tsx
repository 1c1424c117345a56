import { InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { StateBadge } from '../lane-state.tsx'
import { ShopName } from './name.tsx'
import { FIGURES, nameOf, type ShownShop, useFigures, type VendorNames } from './words.ts'

export type ListProps = { shops: readonly ShownShop[]; vendors: VendorNames; now: string }

const CELL = { padding: '0.5rem 0.75rem', verticalAlign: 'top', textAlign: 'left' } as const
const FIGURE = { ...CELL, textAlign: 'right', whiteSpace: 'nowrap' } as const
const LINE = { borderTop: '1px solid var(--p-color-border-secondary)' } as const

/** Shops with a row for each of their vendors, where there is room. */
export function ShopTable({ shops, vendors, now }: ListProps) {
  const { t } = useTranslation()
  return (
    <table
      aria-label={t('support.shops.list')}
      style={{ width: '100%', borderCollapse: 'collapse', fontVariantNumeric: 'tabular-nums' }}
    >
      <thead>
        <tr>
          <th scope="col" style={CELL}>
            {t('support.shops.shop')}
          </th>
          <th scope="col" style={CELL}>
            {t('support.shops.search.vendor')}
          </th>
          {FIGURES.map(name => (
            <th key={name} scope="col" style={FIGURE}>
              {t(`support.shops.${name}`)}
            </th>
          ))}
        </tr>
      </thead>
      {shops.map(shop => (
        <ShopRows key={shop.id} shop={shop} vendors={vendors} now={now} />
      ))}
    </table>
  )
}

type RowsProps = Omit<ListProps, 'shops'> & { shop: ShownShop }

function ShopRows({ shop, vendors, now }: RowsProps) {
  const { t } = useTranslation()
  const figures = useFigures(now)
  const name = (
    <th scope="rowgroup" rowSpan={Math.max(1, shop.lanes.length)} style={{ ...CELL, fontWeight: 'inherit' }}>
      <ShopName shop={shop} />
    </th>
  )
  if (shop.lanes.length === 0)
    return (
      <tbody style={LINE}>
        <tr>
          {name}
          <td colSpan={1 + FIGURES.length} style={CELL}>
            <Text as="span" tone="subdued">
              {t('support.shops.noVendors')}
            </Text>
          </td>
        </tr>
      </tbody>
    )
  return (
    <tbody style={LINE}>
      {shop.lanes.map((lane, place) => (
        <tr key={lane.vendor}>
          {place === 0 && name}
          <th scope="row" style={{ ...CELL, fontWeight: 'inherit' }}>
            <InlineStack gap="200" blockAlign="center">
              <span>{nameOf(vendors, lane.vendor)}</span>
              <StateBadge state={lane.state} />
            </InlineStack>
          </th>
          {FIGURES.map(figure => (
            <td key={figure} style={FIGURE}>
              {figures.of(lane)[figure]}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  )
}
