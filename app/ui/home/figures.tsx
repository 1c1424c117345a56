/** How it goes in numbers: in all, and for each tool. A number of something that is listed elsewhere leads there. */
import { BlockStack, Box, Card, Divider, InlineGrid, InlineStack, Link, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { HomePage } from '../../runtime/merchant-home.ts'
import { StatusBadge } from '../vendors/status.tsx'
import { useFormats } from './words.ts'

type Props = {
  page: Pick<HomePage, 'totals' | 'now' | 'tools' | 'from' | 'period' | 'countedUntil' | 'counting'>
}

/** The list behind a number. @param asked what the list is asked for */
type Asked = { outcome: string; vendor?: string; since?: string }
const listOf = (asked: Asked) => `/app/activity?${new URLSearchParams(asked)}`

export function Figures({ page: { totals, now, period, from, countedUntil, counting } }: Props) {
  const { t } = useTranslation()
  const { number, counted, percent, ago, clock } = useFormats()
  const waiting = now.open + now.forVisitor
  const span = t('home.figures.span', { count: period, number: number(period) })
  return (
    <BlockStack gap="200">
      <InlineGrid columns={{ xs: 2, md: 4 }} gap="400">
        <Figure title={t('home.figures.rate')} value={totals.rate === null ? '–' : percent(totals.rate)}>
          {t(counting ? 'home.chart.soon' : 'home.figures.rateHelp')}
        </Figure>
        <Figure
          title={t('home.waiting')}
          value={counted(waiting)}
          url={waiting > 0 ? listOf({ outcome: 'waiting' }) : null}
        >
          {now.oldest && (
            <Link url={listOf({ outcome: 'to_send' })} removeUnderline>
              {t('home.figures.toSend', { count: now.open, number: counted(now.open), ago: ago(now.oldest) })}
            </Link>
          )}
          {now.forVisitor > 0 && (
            <>
              {' '}
              <Link url={listOf({ outcome: 'for_visitor' })} removeUnderline>
                {t('home.figures.forVisitor', {
                  count: now.forVisitor,
                  number: counted(now.forVisitor),
                  hours: number(now.visitorHours),
                })}
              </Link>
            </>
          )}
          {now.held > 0 && (
            <>
              {waiting > 0 && ' + '}
              <Link url={listOf({ outcome: 'held' })} removeUnderline>
                {t('vendors.counts.held', { count: now.held, number: counted(now.held) })}
              </Link>
            </>
          )}
          {waiting === 0 && now.held === 0 && t('home.figures.noneWaits')}
        </Figure>
        <Figure
          title={t('home.failed')}
          value={number(totals.failed)}
          url={totals.failed > 0 ? listOf({ outcome: 'failed', since: from }) : null}
        >
          {span}
          {totals.arrived > 0 &&
            `. ${t('accuracy.row.arrived', { count: totals.arrived, number: number(totals.arrived) })}.`}
        </Figure>
        <Figure
          title={t('home.figures.skipped')}
          value={number(totals.skipped)}
          url={totals.skipped > 0 ? listOf({ outcome: 'skipped', since: from }) : null}
        >
          {t('home.figures.skippedHelp')}
        </Figure>
      </InlineGrid>
      <Box paddingInline={{ xs: '400', sm: '0' }}>
        <Text as="p" variant="bodySm" tone="subdued">
          {t('home.figures.counts')}
          {countedUntil && ` ${t('home.figures.asOf', { time: clock(countedUntil) })}`}
        </Text>
      </Box>
    </BlockStack>
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

/** Each tool, connected or not, with its numbers. */
export function Vendors({ page: { tools, from, countedUntil, counting } }: Props) {
  const { t } = useTranslation()
  const { clock } = useFormats()
  const anything = tools.some(({ status }) => status.kind !== 'none')
  return (
    <Card>
      <BlockStack gap="300">
        <BlockStack>
          <Text as="h2" variant="headingMd">
            {t('vendors.title')}
          </Text>
          {anything && countedUntil && (
            <Text as="p" variant="bodySm" tone="subdued">
              {t('home.figures.asOf', { time: clock(countedUntil) })}
            </Text>
          )}
        </BlockStack>
        <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
          {tools.map((tool, index) => (
            <li key={tool.id}>
              {index > 0 && (
                <Box paddingBlock="300">
                  <Divider />
                </Box>
              )}
              <Vendor tool={tool} from={from} counting={counting} />
            </li>
          ))}
        </ul>
      </BlockStack>
    </Card>
  )
}

type VendorProps = { tool: HomePage['tools'][number]; from: string; counting: boolean }

function Vendor({ tool, from, counting }: VendorProps) {
  const { t } = useTranslation()
  const { number, counted, percent } = useFormats()
  const { id, name, status, counts, totals } = tool
  const isConnected = status.kind !== 'none'
  const waiting = counts.open + counts.forVisitor
  const figures: (Asked & { label: string; count: number; shown: string })[] = [
    {
      ...{ label: t('activity.outcome.delivered'), count: totals.delivered },
      shown: counting ? '–' : number(totals.delivered),
      ...{ outcome: 'delivered', since: from },
    },
    {
      ...{ label: t('home.failed'), count: totals.failed, shown: number(totals.failed) },
      ...{ outcome: 'failed', since: from },
    },
    { label: t('home.waiting'), count: waiting, shown: counted(waiting), outcome: 'waiting' },
    { label: t('home.held'), count: counts.held, shown: counted(counts.held), outcome: 'held' },
  ]
  return (
    <InlineGrid columns={{ xs: '1fr', md: '2fr 5fr' }} gap="300" alignItems="center">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h3" variant="headingSm">
          <Link url={`/app/vendors/${id}`} removeUnderline>
            {name}
          </Link>
        </Text>
        <StatusBadge status={status} />
      </InlineStack>
      {isConnected && (
        <InlineGrid columns={{ xs: 3, md: 5 }} gap="200">
          <Small label={t('home.figures.rate')}>{totals.rate === null ? '–' : percent(totals.rate)}</Small>
          {figures.map(({ label, count, shown, ...asked }) => (
            <Small key={asked.outcome} label={label}>
              {count === 0 ? (
                shown
              ) : (
                <Link
                  url={listOf({ vendor: id, ...asked })}
                  removeUnderline
                  accessibilityLabel={`${name}, ${label}: ${shown}`}
                >
                  {shown}
                </Link>
              )}
            </Small>
          ))}
        </InlineGrid>
      )}
    </InlineGrid>
  )
}

function Small({ label, children }: { label: string; children: ReactNode }) {
  return (
    <BlockStack>
      <Text as="span" variant="bodySm" tone="subdued">
        {label}
      </Text>
      <Text as="span" numeric>
        {children}
      </Text>
    </BlockStack>
  )
}
