import { BlockStack, Box, Button, Card, InlineStack, Text } from '@shopify/polaris'

type Props = { title?: string; help: string; action?: { content: string; url: string } }

/** Where there is nothing to show: what that means, and what to do. */
export function Nothing({ title, help, action }: Props) {
  return (
    <Card>
      <Box paddingBlock="600">
        <BlockStack gap="300" inlineAlign="center">
          {title && (
            <Text as="h2" variant="headingMd" alignment="center">
              {title}
            </Text>
          )}
          <Text as="p" tone="subdued" alignment="center">
            {help}
          </Text>
          {action && (
            <InlineStack>
              <Button url={action.url}>{action.content}</Button>
            </InlineStack>
          )}
        </BlockStack>
      </Box>
    </Card>
  )
}
