import { Card } from '@shopify/polaris'
import { ByWidth } from '../by-width.tsx'
import { ShopCards } from './cards.tsx'
import { type ListProps, ShopTable } from './table.tsx'

export function ShopList(props: ListProps) {
  return (
    <Card padding="0">
      <ByWidth name="shops" wide={<ShopTable {...props} />} narrow={<ShopCards {...props} />} />
    </Card>
  )
}
