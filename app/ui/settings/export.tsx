import { useAppBridge } from '@shopify/app-bridge-react'
import {
  Banner,
  BlockStack,
  Button,
  Card,
  FormLayout,
  InlineStack,
  ProgressBar,
  Text,
  TextField,
} from '@shopify/polaris'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDayLabel } from '../times.ts'
import { download, fetchExport, type Progress } from './download.ts'
import { Section } from './section.tsx'

type Props = {
  /** Days of the shop, "2026-11-21". */
  first: string
  today: string
  shop: string
}

/** Events and deliveries of a period as a file, fetched page by page: it says how far it is, and can be stopped at any time. */
export function Export({ first, today, shop }: Props) {
  const { t, i18n } = useTranslation()
  const dayLabel = useDayLabel()
  const bridge = useAppBridge()
  const [since, setSince] = useState(first)
  const [until, setUntil] = useState(today)
  const [progress, setProgress] = useState<Progress | null>(null)
  const [failed, setFailed] = useState(false)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const number = (value: number) => new Intl.NumberFormat(i18n.language).format(value)
  const isWrong = since === '' || until === '' || since > until

  async function start() {
    const stopped = new AbortController()
    running.current = stopped
    setFailed(false)
    setProgress({ count: 0, part: 0 })
    try {
      const { file, count } = await fetchExport({ since, until }, stopped.signal, setProgress)
      if (count === 0) return bridge.toast.show(t('settings.export.none'))
      download(file, `sluice-${shop.split('.')[0]}-${since}-${until}.ndjson.gz`)
      bridge.toast.show(t('settings.export.done', { count, number: number(count) }))
    } catch {
      if (!stopped.signal.aborted) setFailed(true)
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
                onChange={setSince}
                disabled={progress !== null}
                autoComplete="off"
              />
              <TextField
                id="export-until"
                type="date"
                label={dayLabel(t('settings.export.until'))}
                value={until}
                onChange={setUntil}
                error={isWrong && t('settings.export.wrong')}
                disabled={progress !== null}
                autoComplete="off"
              />
            </FormLayout.Group>
          </FormLayout>
          <Text as="p" tone="subdued">
            {t('settings.export.format')}
          </Text>
          {failed && (
            <Banner tone="critical">
              <p>{t('settings.export.failed')}</p>
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
