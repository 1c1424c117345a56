import { BlockStack, Box, InlineGrid, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'

type Props = { title: string; about: string; children: ReactNode }

/** A part of the settings: what it is about, and beside it, on a phone below it, its cards. */
export function Section({ title, about, children }: Props) {
  return (
    <InlineGrid columns={{ xs: 1, md: ['oneThird', 'twoThirds'] }} gap="400">
      <Box paddingInline={{ xs: '400', sm: '0' }} paddingBlockStart={{ md: '400' }}>
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            {title}
          </Text>
          <Text as="p" tone="subdued">
            {about}
          </Text>
        </BlockStack>
      </Box>
      <BlockStack gap="400">{children}</BlockStack>
    </InlineGrid>
  )
}
