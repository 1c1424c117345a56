import { Card } from '@shopify/polaris'
import { ByWidth } from '../by-width.tsx'
import { ShopCards } from './cards.tsx'
import { ShopTable, type TableProps } from './table.tsx'

export function ShopList(props: TableProps) {
  const { shops, vendors, now } = props
  return (
    <Card padding="0">
      <ByWidth
        name="shops"
        wide={<ShopTable {...props} />}
        narrow={<ShopCards shops={shops} vendors={vendors} now={now} />}
      />
    </Card>
  )
}
