import { InlineStack, Link, Text } from '@shopify/polaris'
import type { CSSProperties } from 'react'
import { useTranslation } from 'react-i18next'
import type { ShopSort } from '../../../runtime/support-shops.ts'
import { StateBadge } from '../lane-state.tsx'
import { ShopName } from './name.tsx'
import { FIGURES, nameOf, type ShownShop, useFigures, type VendorNames } from './words.ts'

export type ListProps = { shops: readonly ShownShop[]; vendors: VendorNames; now: string }
/** `sortedBy`: the address of the same list in another order. */
export type TableProps = ListProps & {
  sort: ShopSort
  sorts: readonly ShopSort[]
  sortedBy(sort: ShopSort): string
}

const CELL = { padding: '0.5rem 0.75rem', verticalAlign: 'top', textAlign: 'left' } as const
const FIGURE = { ...CELL, textAlign: 'right', whiteSpace: 'nowrap' } as const
const LINE = { borderTop: '1px solid var(--p-color-border-secondary)' } as const

/** Shops with a row for each of their vendors, where there is room. */
export function ShopTable({ shops, vendors, now, ...order }: TableProps) {
  const { t } = useTranslation()
  return (
    <table
      aria-label={t('support.shops.list')}
      style={{ width: '100%', borderCollapse: 'collapse', fontVariantNumeric: 'tabular-nums' }}
    >
      <thead>
        <tr>
          <SortHead by="domain" name={t('support.shops.shop')} style={CELL} {...order} />
          <th scope="col" style={CELL}>
            {t('support.shops.search.vendor')}
          </th>
          {FIGURES.map(name => (
            <SortHead key={name} by={name} name={t(`support.shops.${name}`)} style={FIGURE} {...order} />
          ))}
        </tr>
      </thead>
      {shops.map(shop => (
        <ShopRows key={shop.id} shop={shop} vendors={vendors} now={now} />
      ))}
    </table>
  )
}

/** Those that begin with the least: the alphabet, and the earliest time. */
const UP: readonly ShopSort[] = [
  'domain',
  'oldest',
  'oldestHeld',
  '-waiting',
  '-held',
  '-delivered',
  '-failed',
]

type HeadProps = Pick<TableProps, 'sort' | 'sorts' | 'sortedBy'> & {
  by: 'domain' | (typeof FIGURES)[number]
  name: string
  style: CSSProperties
}

/** A column's head leads to the list in its order, and from there to the other way round, where there is one. */
function SortHead({ by, name, style, sort, sorts, sortedBy }: HeadProps) {
  const back = sorts.find(each => each === `-${by}`)
  const isSorted = sort === by || sort === back
  const isUp = UP.includes(sort)
  return (
    <th
      scope="col"
      style={{ ...style, whiteSpace: 'nowrap' }}
      {...(isSorted && { 'aria-sort': isUp ? 'ascending' : 'descending' })}
    >
      <Link url={sortedBy(sort === by && back ? back : by)} monochrome>
        {name}
      </Link>
      {isSorted && <span aria-hidden="true">{isUp ? ' ↑' : ' ↓'}</span>}
    </th>
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
