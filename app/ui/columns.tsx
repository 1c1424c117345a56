import { InlineGrid } from '@shopify/polaris'
import { Children, type ReactNode } from 'react'

type Props = {
  widths: readonly ['oneThird', 'twoThirds'] | readonly ['twoThirds', 'oneThird']
  children: ReactNode
}

/**
 * Two columns beside each other, one below the other on a phone. Their widths are not asked of what is in them, as Polaris's own layout
 * does: a page is drawn while it arrives, and the second column would make the first narrower as it does. What is alone has the whole
 * width.
 */
export function Columns({ widths, children }: Props) {
  const both = Children.toArray(children).length > 1
  return (
    <InlineGrid columns={{ xs: 1, ...(both && { md: [...widths] }) }} gap="400" alignItems="start">
      {children}
    </InlineGrid>
  )
}
