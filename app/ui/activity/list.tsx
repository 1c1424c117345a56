import { Badge, BlockStack, Box, Card, Divider, InlineStack, Link, Text } from '@shopify/polaris'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { TONES, useTime, useWord } from './words.ts'

export type Line = {
  id: string
  type: string
  source: string
  receivedAt: string
  about: string | null
  deliveries: { vendor: string; outcome: keyof typeof TONES; reason: string | null }[]
}
type Props = { lines: readonly Line[]; vendors: readonly { id: string; name: string }[]; query: string }

/** Events, each a link to its story. @param query what was asked for, to come back to */
export function EventList({ lines, vendors, query }: Props) {
  const { t } = useTranslation()
  const word = useWord()
  const time = useTime()
  const nameOf = (vendor: string) => vendors.find(({ id }) => id === vendor)?.name ?? vendor
  return (
    <Card padding="0">
      <ul aria-label={t('activity.list')} style={{ listStyle: 'none', margin: 0, padding: 0 }}>
        {lines.map(({ id, type, source, receivedAt, about, deliveries }, place) => (
          <Fragment key={id}>
            <li>
              {place > 0 && <Divider />}
              <Box padding="300">
                <BlockStack gap="150">
                  <InlineStack gap="200" align="space-between" blockAlign="baseline">
                    <Text as="h3" variant="bodyMd" fontWeight="semibold" breakWord>
                      <Link url={`/app/activity/${id}${query}`} monochrome removeUnderline>
                        {word('type', type) ?? type}
                        {about ? ` · ${about}` : ''}
                      </Link>
                    </Text>
                    <Text as="span" variant="bodySm" tone="subdued">
                      {time(receivedAt)} · {word('source', source) ?? source}
                    </Text>
                  </InlineStack>
                  <InlineStack gap="150">
                    {deliveries.length === 0 && (
                      <Text as="span" variant="bodySm" tone="subdued">
                        {t('activity.nowhere')}
                      </Text>
                    )}
                    {deliveries.map(({ vendor, outcome, reason }) => {
                      const why = reason && word('reason', reason)
                      return (
                        <Badge key={vendor} tone={TONES[outcome]}>
                          {`${nameOf(vendor)}: ${t(`activity.outcome.${outcome}`)}${why ? ` (${why})` : ''}`}
                        </Badge>
                      )
                    })}
                  </InlineStack>
                </BlockStack>
              </Box>
            </li>
          </Fragment>
        ))}
      </ul>
    </Card>
  )
}
