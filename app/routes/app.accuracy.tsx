import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useFetcher, useLoaderData, useNavigate, useNavigation } from '@remix-run/react'
import { Banner, BlockStack, Box, Button, ButtonGroup, InlineGrid, Page, Text } from '@shopify/polaris'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AccuracyPage, ShopifySide } from '../runtime/merchant-accuracy.ts'
import { Received } from '../ui/accuracy/received.tsx'
import { daysIn } from '../ui/accuracy/search.server.ts'
import { Vendor } from '../ui/accuracy/vendor.tsx'
import { useNumber, useRange } from '../ui/accuracy/words.ts'
import { Nothing } from '../ui/nothing.tsx'
import { useZoneName } from '../ui/times.ts'
import { titled } from '../ui/title.ts'
import { useToldOnce } from '../ui/told-once.ts'

export const meta: MetaFunction = titled('accuracy')

export async function loader({ request, context }: LoaderFunctionArgs): Promise<AccuracyPage> {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  return merchant.accuracy.page(shop, daysIn(request))
}

export default function Accuracy() {
  const page = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const busy = useNavigation().state !== 'idle'
  return (
    <Page title={t('accuracy.title')} subtitle={t('accuracy.subtitle')}>
      <BlockStack gap="400">
        <Periods page={page} />
        <div aria-busy={busy} style={{ opacity: busy ? 0.5 : 1 }}>
          <Numbers key={page.period.days} loaded={page} />
        </div>
      </BlockStack>
    </Page>
  )
}

function Periods({ page: { periods, period } }: { page: AccuracyPage }) {
  const { t } = useTranslation()
  const number = useNumber()
  const range = useRange()
  const zone = useZoneName()
  const navigate = useNavigate()
  return (
    <Box paddingInline={{ xs: '400', sm: '0' }}>
      <BlockStack gap="200">
        <fieldset aria-label={t('accuracy.period')} style={{ border: 0, margin: 0, padding: 0 }}>
          <ButtonGroup variant="segmented">
            {periods.map(days => (
              <Button
                key={days}
                pressed={days === period.days}
                onClick={() => navigate(`/app/accuracy?days=${days}`)}
              >
                {days === 1 ? t('accuracy.today') : t('accuracy.days', { count: days, number: number(days) })}
              </Button>
            ))}
          </ButtonGroup>
        </fieldset>
        <Text as="p" tone="subdued">
          {t('accuracy.range', { range: range(period), zone })}
        </Text>
      </BlockStack>
    </Box>
  )
}

/** Shopify's side where its count could not be fetched: what was counted before stays, with its time. */
function awayOf(before: ShopifySide): ShopifySide {
  return before.state === 'counted' ? { ...before, trouble: 'away' } : { state: 'unknown', why: 'away' }
}

/** What is here at once, and again with Shopify's count as soon as that is there. */
function Numbers({ loaded }: { loaded: AccuracyPage }) {
  const { t } = useTranslation()
  const fetcher = useFetcher<AccuracyPage | 'away'>()
  const [counted, setCounted] = useState<AccuracyPage | null>(null)
  const [isAway, setIsAway] = useState(false)
  const { days } = loaded.period
  const mustAsk = loaded.shopify.state === 'counting'
  const { load } = fetcher
  useEffect(() => {
    if (mustAsk) load(`/app/accuracy/count?days=${days}`)
  }, [mustAsk, days, load])
  useToldOnce(fetcher, answer => {
    setIsAway(answer === 'away')
    if (answer !== 'away') setCounted(answer)
  })
  const known = counted ?? loaded
  const page = isAway ? { ...known, shopify: awayOf(known.shopify) } : known
  return (
    <BlockStack gap="400">
      {page.behind && (
        <Banner tone="info">
          <p>{t('accuracy.behind')}</p>
        </Banner>
      )}
      <Received
        page={page}
        counting={fetcher.state !== 'idle'}
        onAgain={() => load(`/app/accuracy/count?days=${days}&again=1`)}
      />
      {page.tools.length === 0 ? (
        <Nothing
          title={t('accuracy.none.title')}
          help={t('accuracy.none.help')}
          action={{ content: t('accuracy.none.connect'), url: '/app/vendors' }}
        />
      ) : (
        <InlineGrid columns={{ xs: 1, lg: 2 }} gap="400">
          {page.tools.map(tool => (
            <Vendor key={tool.id} tool={tool} page={page} />
          ))}
        </InlineGrid>
      )}
    </BlockStack>
  )
}
