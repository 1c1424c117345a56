import { Text } from '@shopify/polaris'
import type { ReactNode } from 'react'

/** What is closed until somebody wants it. @param onOpen when it is opened */
export function Fold({
  label,
  onOpen,
  children,
}: {
  label: string
  onOpen?: () => void
  children: ReactNode
}) {
  return (
    <details onToggle={event => event.currentTarget.open && onOpen?.()}>
      <summary style={{ cursor: 'pointer' }}>
        <Text as="span" fontWeight="medium">
          {label}
        </Text>
      </summary>
      <div style={{ paddingBlockStart: '0.5rem' }}>{children}</div>
    </details>
  )
}
