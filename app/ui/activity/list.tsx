import { Badge, BlockStack, Box, Card, Divider, InlineGrid, InlineStack, Link, Text } from '@shopify/polaris'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { useTime } from '../times.ts'
import { TestBadge } from './test-badge.tsx'
import { againOf, TONES, useFor, useWord } from './words.ts'

export type Line = {
  id: string
  type: string
  source: string
  receivedAt: string
  about: string | null
  /** `minutes`: for how long it waits or is held; null: neither. */
  deliveries: {
    vendor: string
    outcome: keyof typeof TONES
    forVisitor: boolean
    deliveredBefore: boolean
    reason: string | null
    minutes: number | null
  }[]
}
type Props = {
  lines: readonly Line[]
  vendors: readonly { id: string; name: string }[]
  /** What comes before the id in the address of an event's page, and after it: what was asked for, to come back to. */
  at: string
  query: string
}

/** Events, each a link to its story. */
export function EventList({ lines, vendors, at, query }: Props) {
  const { t } = useTranslation()
  const word = useWord()
  const time = useTime()
  const lasting = useFor()
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
                  <InlineGrid columns={{ xs: 1, md: '1fr auto' }} gap={{ xs: '100', md: '200' }}>
                    <Text as="h3" variant="bodyMd" fontWeight="semibold" breakWord>
                      <Link url={`${at}/${id}${query}`} monochrome removeUnderline>
                        {word('type', type) ?? type}
                        {about ? ` · ${about}` : ''}
                      </Link>
                    </Text>
                    <Text as="span" variant="bodySm" tone="subdued">
                      {time(receivedAt)} ·{' '}
                      {source === 'test' ? <TestBadge /> : (word('source', source) ?? source)}
                    </Text>
                  </InlineGrid>
                  <InlineStack gap="150">
                    {deliveries.length === 0 && (
                      <Text as="span" variant="bodySm" tone="subdued">
                        {t('activity.nowhere')}
                      </Text>
                    )}
                    {deliveries.map(delivery => {
                      const { vendor, outcome, forVisitor, reason, minutes } = delivery
                      const again = againOf(delivery)
                      const why = reason && word('reason', reason)
                      const became = again
                        ? t(`activity.again.${again}`)
                        : t(`activity.outcome.${forVisitor ? 'for_visitor' : outcome}`)
                      const said = [became, lasting(minutes), why && `(${why})`]
                      return (
                        <Badge key={vendor} tone={TONES[outcome]}>
                          {`${nameOf(vendor)}: ${said.filter(Boolean).join(' ')}`}
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
