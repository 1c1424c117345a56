import { BlockStack, Card, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'

/** A part of a page with its heading. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card>
      <BlockStack gap="200">
        <Text as="h2" variant="headingMd">
          {title}
        </Text>
        {children}
      </BlockStack>
    </Card>
  )
}
