import { useFetcher, useRevalidator } from '@remix-run/react'
import { Box, Button, InlineStack, Text } from '@shopify/polaris'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { News } from '../../runtime/merchant-activity.ts'
import { useTimes } from '../times.ts'
import { SELDOM_MS, useLooking } from '../watch.ts'
import type { SearchTexts } from './words.ts'

type Props = {
  /** The list's own address; below it, at `news`, it is asked. */
  at: string
  texts: SearchTexts
  /** ISO 8601. */
  asOf: string
  /** The first event that is shown. */
  newest: string
  /** They are looked for, and the button goes. */
  onShow(): void
}

/** Of when a list is, and that more has come since: shown when somebody wants it, because what is being read must not move. */
export function AsOf({ at, texts, asOf, newest, onShow }: Props) {
  const { t } = useTranslation()
  const times = useTimes()
  const revalidator = useRevalidator()
  const fetcher = useFetcher<News | null>()
  const [upTo, setUpTo] = useState(newest)
  const { data } = fetcher
  const isThere = data?.isThere === true
  useEffect(() => {
    if (data) setUpTo(data.upTo)
  }, [data])
  useLooking(!isThere, SELDOM_MS, () => {
    if (fetcher.state !== 'idle') return
    fetcher.load(`${at}/news?${new URLSearchParams({ ...texts, after: upTo })}`)
  })
  return (
    // As high with a button as without: nothing is moved by it.
    <Box paddingInline={{ xs: '400', sm: '0' }} minHeight="1.75rem">
      <InlineStack align="space-between" blockAlign="center" gap="200">
        <Text as="p" variant="bodySm" tone="subdued">
          {t('activity.asOf.time', { time: times.clock(asOf, new Date()) })}
        </Text>
        <div aria-live="polite">
          {isThere && (
            <InlineStack gap="200" blockAlign="center">
              <Text as="p" variant="bodySm">
                {t('activity.asOf.news')}
              </Text>
              <Button
                variant="plain"
                onClick={() => {
                  revalidator.revalidate()
                  onShow()
                }}
              >
                {t('activity.asOf.show')}
              </Button>
            </InlineStack>
          )}
        </div>
      </InlineStack>
    </Box>
  )
}
