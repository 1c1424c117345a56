import { Card } from '@shopify/polaris'
import { ShopCards } from './cards.tsx'
import { ShopTable, type TableProps } from './table.tsx'

/** From here on there is room for the table beside the navigation. The browser decides: the server does not know its width. */
const WIDE = '64rem'
const STYLE = `.shops-wide { display: none }
@media (min-width: ${WIDE}) { .shops-wide { display: block } .shops-narrow { display: none } }`

export function ShopList(props: TableProps) {
  return (
    <Card padding="0">
      <style>{STYLE}</style>
      <div className="shops-wide">
        <ShopTable {...props} />
      </div>
      <div className="shops-narrow">
        <ShopCards shops={props.shops} vendors={props.vendors} now={props.now} />
      </div>
    </Card>
  )
}
