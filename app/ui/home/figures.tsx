/** How it goes in numbers: in all, and for each tool. A number of something that is listed elsewhere leads there. */
import { BlockStack, Card, DataTable, InlineGrid, Link, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { HomePage } from '../../runtime/merchant-home.ts'
import { StatusBadge } from '../vendors/status.tsx'
import { useFormats } from './words.ts'

type Props = { page: Pick<HomePage, 'totals' | 'now' | 'tools' | 'from' | 'period'> }

/** The list behind a number. @param asked what the list is asked for */
const listOf = (asked: Record<string, string>) => `/app/activity?${new URLSearchParams(asked)}`

export function Figures({ page: { totals, now, period, from } }: Props) {
  const { t } = useTranslation()
  const { number, percent, ago } = useFormats()
  const span = t('home.figures.span', { count: period, number: number(period) })
  return (
    <InlineGrid columns={{ xs: 2, md: 4 }} gap="400">
      <Figure title={t('home.figures.rate')} value={totals.rate === null ? '–' : percent(totals.rate)}>
        {t('home.figures.rateHelp')}
      </Figure>
      <Figure
        title={t('home.waiting')}
        value={number(now.waiting)}
        url={now.waiting > 0 ? listOf({ outcome: 'waiting' }) : null}
      >
        {now.oldest ? t('home.figures.oldest', { ago: ago(now.oldest) }) : t('home.figures.noneWaits')}
      </Figure>
      <Figure
        title={t('home.failed')}
        value={number(totals.failed)}
        url={totals.failed > 0 ? listOf({ outcome: 'failed', since: from }) : null}
      >
        {span}
      </Figure>
      <Figure
        title={t('home.figures.skipped')}
        value={number(totals.skipped)}
        url={totals.skipped > 0 ? listOf({ outcome: 'skipped', since: from }) : null}
      >
        {t('home.figures.skippedHelp')}
      </Figure>
    </InlineGrid>
  )
}

type FigureProps = { title: string; value: string; url?: string | null; children: ReactNode }

function Figure({ title, value, url, children }: FigureProps) {
  return (
    <Card>
      <BlockStack gap="100">
        <Text as="h2" variant="headingSm">
          {title}
        </Text>
        <Text as="p" variant="headingLg">
          {url ? (
            <Link url={url} removeUnderline accessibilityLabel={`${title}: ${value}`}>
              {value}
            </Link>
          ) : (
            value
          )}
        </Text>
        <Text as="p" variant="bodySm" tone="subdued">
          {children}
        </Text>
      </BlockStack>
    </Card>
  )
}

/** A line for each tool, connected or not. */
export function Tools({ page: { tools, from } }: Props) {
  const { t } = useTranslation()
  const { number, percent } = useFormats()
  const counted = (count: number, name: string, asked: Record<string, string>) =>
    count === 0 ? (
      number(count)
    ) : (
      <Link
        key={asked.outcome}
        url={listOf(asked)}
        removeUnderline
        accessibilityLabel={`${name}: ${number(count)}`}
      >
        {number(count)}
      </Link>
    )
  const rows = tools.map(({ id, name, status, counts, totals }) => [
    <Link key="name" url={`/app/vendors/${id}`} removeUnderline>
      {name}
    </Link>,
    <StatusBadge key="status" status={status} />,
    totals.rate === null ? '–' : percent(totals.rate),
    counted(totals.delivered, t('activity.outcome.delivered'), {
      vendor: id,
      outcome: 'delivered',
      since: from,
    }),
    counted(totals.failed, t('home.failed'), { vendor: id, outcome: 'failed', since: from }),
    counted(counts.open, t('home.waiting'), { vendor: id, outcome: 'waiting' }),
    counted(counts.held, t('home.held'), { vendor: id, outcome: 'held' }),
  ])
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {t('vendors.title')}
        </Text>
        <DataTable
          columnContentTypes={['text', 'text', 'numeric', 'numeric', 'numeric', 'numeric', 'numeric']}
          headings={[
            t('home.vendor'),
            t('home.status'),
            t('home.figures.rate'),
            t('activity.outcome.delivered'),
            t('home.failed'),
            t('home.waiting'),
            t('home.held'),
          ]}
          rows={rows}
        />
      </BlockStack>
    </Card>
  )
}
