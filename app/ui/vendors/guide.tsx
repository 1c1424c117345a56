/** A vendor's guide, beside its form. */
import { BlockStack, Box, Card, List, Text } from '@shopify/polaris'
import type { Ref } from 'react'
import { useTranslation } from 'react-i18next'
import type { GuidePart, Span } from '../../runtime/merchant-vendors.ts'

type Props = { parts: readonly GuidePart[]; heading: Ref<HTMLDivElement> }

export function Guide({ parts, heading }: Props) {
  const { t } = useTranslation()
  return (
    <Card>
      <BlockStack gap="300">
        <div ref={heading} tabIndex={-1}>
          <Text as="h2" variant="headingMd">
            {t('vendors.guide')}
          </Text>
        </div>
        <BlockStack gap="300">
          {parts.map((part, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a guide does not change while it is shown
            <Part key={index} part={part} />
          ))}
        </BlockStack>
      </BlockStack>
    </Card>
  )
}

function Part({ part }: { part: GuidePart }) {
  switch (part.kind) {
    case 'heading':
      return (
        <Text as="h3" variant="headingSm">
          <Spans spans={part.spans} />
        </Text>
      )
    case 'text':
      return (
        <Text as="p" breakWord>
          <Spans spans={part.spans} />
        </Text>
      )
    case 'list':
      return (
        <List type={part.ordered ? 'number' : 'bullet'} gap="loose">
          {part.items.map(({ spans, items, tables }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <List.Item key={index}>
              <Spans spans={spans} />
              {items.length > 0 && (
                <List type="bullet">
                  {items.map((inner, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: as above
                    <List.Item key={at}>
                      <Spans spans={inner} />
                    </List.Item>
                  ))}
                </List>
              )}
              {tables.map((table, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <Table key={at} {...table} />
              ))}
            </List.Item>
          ))}
        </List>
      )
    case 'table':
      return <Table {...part} />
  }
}

/** Two columns stand beside a form, so a row is a pair of lines. */
function Table({ rows }: { rows: Span[][][] }) {
  return (
    <Box paddingBlock="200">
      <BlockStack gap="150" as="ul">
        {rows.map((cells, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <li key={index} style={{ overflowWrap: 'anywhere' }}>
            {cells.map((spans, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <span key={at}>
                {at > 0 && ' → '}
                <Spans spans={spans} />
              </span>
            ))}
          </li>
        ))}
      </BlockStack>
    </Box>
  )
}

const TAGS = { plain: 'span', bold: 'strong', italic: 'em', code: 'code' } as const

function Spans({ spans }: { spans: readonly Span[] }) {
  return spans.map(({ text, kind }, index) => {
    const Tag = TAGS[kind]
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    return <Tag key={index}>{text}</Tag>
  })
}
