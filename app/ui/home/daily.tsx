/** Deliveries by tool and day: the chart, the table behind it, and for how long. */
import { useSearchParams } from '@remix-run/react'
import { BlockStack, Button, ButtonGroup, Card, DataTable, InlineStack, Text } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { HomePage, Settled } from '../../runtime/merchant-home.ts'
import { useZoneName } from '../times.ts'
import { Chart } from './chart.tsx'
import { useFormats } from './words.ts'

const MEASURES = ['delivered', 'skipped', 'failed'] as const satisfies readonly (keyof Settled)[]
type Props = {
  page: Pick<
    HomePage,
    'days' | 'series' | 'period' | 'tools' | 'countedUntil' | 'otherZoneUntil' | 'counting'
  >
  periods: readonly number[]
}

export function Daily({ page, periods }: Props) {
  const { days, series, period, tools, countedUntil, otherZoneUntil, counting } = page
  const { t } = useTranslation()
  const { clock, number, day: dayText } = useFormats()
  const zone = useZoneName()
  const [, setSearch] = useSearchParams()
  const [measure, setMeasure] = useState<keyof Settled>('delivered')
  const [asTable, setAsTable] = useState(false)
  const bars = series.map(({ id, name, days: each }) => ({
    name,
    look: tools.findIndex(tool => tool.id === id),
    values: each.map(day => day[measure]),
  }))
  const choose = (days: number) =>
    setSearch(
      before => {
        before.set('days', String(days))
        return before
      },
      { preventScrollReset: true },
    )
  const label = t('home.chart.label', {
    measure: t(`activity.outcome.${measure}`),
    count: period,
    number: number(period),
  })
  return (
    <Card>
      <BlockStack gap="400">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <BlockStack>
            <Text as="h2" variant="headingMd">
              {t('home.lanes')}
            </Text>
            <Text as="p" variant="bodySm" tone="subdued">
              {countedUntil
                ? t('home.chart.asOf', { time: clock(countedUntil), zone })
                : t('home.chart.soon')}
            </Text>
          </BlockStack>
          <ButtonGroup variant="segmented">
            {periods.map(each => (
              <Button key={each} pressed={each === period} onClick={() => choose(each)}>
                {t('home.chart.days', { count: each, number: number(each) })}
              </Button>
            ))}
          </ButtonGroup>
        </InlineStack>
        {bars.length === 0 ? (
          <Text as="p" tone="subdued">
            {t(counting ? 'home.chart.soon' : 'home.chart.none')}
          </Text>
        ) : (
          <>
            <InlineStack align="space-between" blockAlign="center" gap="200">
              <ButtonGroup variant="segmented">
                {MEASURES.map(each => (
                  <Button key={each} pressed={each === measure} onClick={() => setMeasure(each)}>
                    {t(`activity.outcome.${each}`)}
                  </Button>
                ))}
              </ButtonGroup>
              <Button variant="plain" onClick={() => setAsTable(before => !before)}>
                {t(asTable ? 'home.chart.asChart' : 'home.chart.asTable')}
              </Button>
            </InlineStack>
            {asTable ? <Table days={days} bars={bars} /> : <Chart label={label} days={days} bars={bars} />}
            {otherZoneUntil && (
              <Text as="p" variant="bodySm" tone="subdued">
                {t('home.chart.otherZone', { day: dayText(otherZoneUntil) })}
              </Text>
            )}
          </>
        )}
      </BlockStack>
    </Card>
  )
}

/** Newest first, with a sum of each tool. */
function Table({ days, bars }: { days: string[]; bars: { name: string; values: number[] }[] }) {
  const { t } = useTranslation()
  const { number, day: dayText } = useFormats()
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  const line = (first: string, values: number[]) => [first, ...[...values, sum(values)].map(number)]
  const rows = days.map((day, index) =>
    line(
      dayText(day).replaceAll(' ', '\u00a0'),
      bars.map(({ values }) => values[index] ?? 0),
    ),
  )
  return (
    <DataTable
      columnContentTypes={['text', ...bars.map(() => 'numeric' as const), 'numeric']}
      headings={[t('home.chart.day'), ...bars.map(({ name }) => name), t('home.chart.sum')]}
      totals={line(
        '',
        bars.map(({ values }) => sum(values)),
      )}
      totalsName={{ singular: t('home.chart.sum'), plural: t('home.chart.sum') }}
      rows={rows.toReversed()}
      increasedTableDensity
    />
  )
}
