import { BlockStack, Box, Page, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'

type Props = {
  title: string
  /** The heading is told to whoever listens, as of what took the place of a page. */
  told?: boolean
  children: ReactNode
}

/** A page that is none, in place of one. Polaris itself says of every title that its page is ready. */
export function PlainPage({ title, told = false, children }: Props) {
  return (
    <Page>
      <BlockStack gap="400">
        <Box paddingInline={{ xs: '400', sm: '0' }} paddingBlockStart={{ xs: '400', md: '0' }}>
          <div {...(told && { role: 'alert' })}>
            <Text as="h1" variant="headingLg" breakWord>
              {title}
            </Text>
          </div>
        </Box>
        {children}
      </BlockStack>
    </Page>
  )
}
