import { useAppBridge } from '@shopify/app-bridge-react'
import {
  Banner,
  BlockStack,
  Button,
  Card,
  ChoiceList,
  FormLayout,
  InlineStack,
  ProgressBar,
  Text,
  TextField,
} from '@shopify/polaris'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Separator } from '../../runtime/merchant-settings.ts'
import { useDayLabel, useZoneName } from '../times.ts'
import { download, fetchExport, type Progress } from './download.ts'
import { Section } from './section.tsx'

type Props = {
  /** Days of the shop, "2026-11-21". */
  first: string
  today: string
  shop: string
}

const FORMATS = ['csv', 'ndjson'] as const
/** A spreadsheet splits rows at what its language does not use as the decimal mark. */
const separatorOf = (language: string): Separator =>
  new Intl.NumberFormat(language).format(0.5).includes(',') ? ';' : ','

/** Events and deliveries of a period as a file, fetched page by page: it says how far it is, and can be stopped at any time. */
export function Export({ first, today, shop }: Props) {
  const { t, i18n } = useTranslation()
  const dayLabel = useDayLabel()
  const bridge = useAppBridge()
  const zone = useZoneName()
  const [since, setSince] = useState(first)
  const [until, setUntil] = useState(today)
  const [format, setFormat] = useState<(typeof FORMATS)[number]>('csv')
  const [progress, setProgress] = useState<Progress | null>(null)
  const [came, setCame] = useState<'failed' | 'none' | null>(null)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const number = (value: number) => new Intl.NumberFormat(i18n.language).format(value)
  const isWrong = since === '' || until === '' || since > until

  /** What came of another question is told no more. */
  const asks = (set: (value: string) => void) => (value: string) => {
    set(value)
    setCame(null)
  }

  async function start() {
    const stopped = new AbortController()
    running.current = stopped
    setCame(null)
    setProgress({ count: 0, part: 0 })
    try {
      const asked = { since, until, ...(format === 'csv' && { separator: separatorOf(i18n.language) }) }
      const { file, count } = await fetchExport(asked, stopped.signal, setProgress)
      if (count === 0) return setCame('none')
      download(
        file,
        `sluice-${shop.split('.')[0]}-${since}-${until}.${format === 'csv' ? 'csv' : 'ndjson.gz'}`,
      )
      bridge.toast.show(t('settings.export.done', { count, number: number(count) }))
    } catch {
      if (!stopped.signal.aborted) setCame('failed')
    } finally {
      setProgress(null)
    }
  }
  return (
    <Section title={t('settings.export.title')} about={t('settings.export.about')}>
      <Card>
        <BlockStack gap="300">
          <FormLayout>
            <FormLayout.Group condensed>
              <TextField
                id="export-since"
                type="date"
                label={dayLabel(t('settings.export.since'))}
                value={since}
                max={today}
                onChange={asks(setSince)}
                disabled={progress !== null}
                autoComplete="off"
              />
              <TextField
                id="export-until"
                type="date"
                label={dayLabel(t('settings.export.until'))}
                value={until}
                onChange={asks(setUntil)}
                error={isWrong && t('settings.export.wrong')}
                disabled={progress !== null}
                autoComplete="off"
              />
            </FormLayout.Group>
          </FormLayout>
          <ChoiceList
            title={t('settings.export.format')}
            choices={FORMATS.map(value => ({
              value,
              label: t(`settings.export.formats.${value}`),
              helpText: t(`settings.export.formats.${value}Help`, {
                amount: t('settings.export.columns.amount'),
                amountOnce: t('settings.export.columns.amountOnce'),
              }),
            }))}
            selected={[format]}
            onChange={([chosen]) => setFormat(FORMATS.find(each => each === chosen) ?? 'csv')}
            disabled={progress !== null}
          />
          <Text as="p" tone="subdued">
            {t('settings.export.masked')}{' '}
            {t(`settings.export.times.${format === 'csv' && zone !== 'UTC' ? 'shop' : 'utc'}`, { zone })}
          </Text>
          {came && (
            <Banner tone={came === 'failed' ? 'critical' : 'info'}>
              <p>{t(`settings.export.${came}`)}</p>
            </Banner>
          )}
          {progress && (
            <BlockStack gap="100">
              <ProgressBar progress={Math.round(progress.part * 100)} ariaLabelledBy="export-progress" />
              <output id="export-progress">
                {t('settings.export.running', { count: progress.count, number: number(progress.count) })}
              </output>
            </BlockStack>
          )}
          <InlineStack gap="200">
            <Button onClick={start} loading={progress !== null} disabled={isWrong}>
              {t('settings.export.start')}
            </Button>
            {progress && (
              <Button onClick={() => running.current?.abort()}>{t('settings.export.cancel')}</Button>
            )}
          </InlineStack>
        </BlockStack>
      </Card>
    </Section>
  )
}
