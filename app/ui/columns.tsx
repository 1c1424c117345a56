import { InlineGrid } from '@shopify/polaris'
import type { ReactNode } from 'react'

type Props = {
  widths: readonly ['oneThird', 'twoThirds'] | readonly ['twoThirds', 'oneThird']
  children: ReactNode
}

/**
 * Two columns beside each other, one below the other on a phone. Their widths are not asked of what is in them, as Polaris's own layout
 * does: a page is drawn while it arrives, and the second column would make the first narrower as it does.
 */
export function Columns({ widths, children }: Props) {
  return (
    <InlineGrid columns={{ xs: 1, md: [...widths] }} gap="400" alignItems="start">
      {children}
    </InlineGrid>
  )
}
