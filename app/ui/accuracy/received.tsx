import { Banner, BlockStack, Box, Button, Card, InlineStack, Spinner, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { AccuracyPage, ShopifySide } from '../../runtime/merchant-accuracy.ts'
import { useTime } from '../times.ts'
import { Equation } from './equation.tsx'
import { ORDERS_IN_SHOPIFY, receivedList, useNumber, useRowWords } from './words.ts'

type Props = { page: AccuracyPage; counting: boolean; onAgain(): void }

/** Whether Sluice has received every order that Shopify has. */
export function Received({ page, counting, onAgain }: Props) {
  const { t } = useTranslation()
  const words = useRowWords()
  const { shopify, whole, received, period } = page
  const known = shopify.state === 'counted'
  // As tall as what follows, so that nothing is moved when it is there.
  const awaited = shopify.state === 'counting'
  const refused = shopify.state === 'unknown' && shopify.why === 'too_far_back'
  const terms = [
    {
      key: 'received',
      words: t('accuracy.row.received'),
      count: received,
      url: receivedList(period),
    },
    ...page.shared.map(row => ({
      key: row.kind,
      words: words(row),
      count: row.count,
      url: ORDERS_IN_SHOPIFY,
      external: true,
    })),
  ]
  const total =
    known || awaited
      ? {
          key: 'whole',
          words: t('accuracy.row.whole'),
          count: known ? whole.orders : null,
          url: ORDERS_IN_SHOPIFY,
          external: true,
        }
      : { key: 'whole', words: t('accuracy.row.wholeReceived'), count: received, url: receivedList(period) }
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {t('accuracy.orders')}
        </Text>
        <div aria-live="polite">
          {known && <Verdict page={page} />}
          {awaited && <Banner tone="info" title={t('accuracy.shopify.counting')} />}
        </div>
        <Equation label={t('accuracy.orders')} terms={known || awaited ? terms : []} total={total} />
        <Box minHeight="1.25rem">
          <div aria-live="polite">
            <Side shopify={shopify} counting={counting} />
          </div>
        </Box>
        <InlineStack gap="200">
          {!refused && (
            <Button onClick={onAgain} loading={counting}>
              {t('accuracy.shopify.again')}
            </Button>
          )}
          <Button url={ORDERS_IN_SHOPIFY} target="_top">
            {t('accuracy.shopify.open')}
          </Button>
        </InlineStack>
      </BlockStack>
    </Card>
  )
}

function Verdict({ page: { whole } }: { page: AccuracyPage }) {
  const { t } = useTranslation()
  const number = useNumber()
  const { orders, missing, gone, before } = whole
  const say = (key: 'all' | 'missing' | 'gone' | 'before', count: number) =>
    t(`accuracy.received.${key}`, { count, number: number(count) })
  if (missing > 0)
    return (
      <Banner tone="warning" title={say('missing', missing)}>
        <p>{t('accuracy.received.missingHelp')}</p>
      </Banner>
    )
  if (gone > 0) return <Banner tone="info" title={say('gone', gone)} />
  if (before > 0) return <Banner tone="success" title={say('before', before)} />
  if (orders === 0) return <Text as="p">{t('accuracy.received.empty')}</Text>
  return <Banner tone="success" title={say('all', orders)} />
}

/** What Shopify counted, and until when; or why it did not. */
function Side({ shopify, counting }: { shopify: ShopifySide; counting: boolean }) {
  const { t } = useTranslation()
  const time = useTime()
  const number = useNumber()
  if (shopify.state === 'counting') return null
  if (counting && shopify.state === 'unknown')
    return (
      <InlineStack gap="200" blockAlign="center">
        <Spinner size="small" />
        <Text as="span">{t('accuracy.shopify.counting')}</Text>
      </InlineStack>
    )
  if (shopify.state === 'unknown')
    return (
      <Banner tone="warning">
        <p>{t('accuracy.shopify.unknown', { why: t(`accuracy.shopify.why.${shopify.why}`) })}</p>
      </Banner>
    )
  const { orders, until, since, early, trouble } = shopify
  const parts = [
    t('accuracy.shopify.counted', { count: orders, number: number(orders), time: time(until) }),
    ...(since > 0 ? [t('accuracy.shopify.since', { count: since, number: number(since) })] : []),
    ...(early > 0 ? [t('accuracy.shopify.early', { count: early, number: number(early) })] : []),
  ]
  return (
    <BlockStack gap="200">
      <Text as="p" tone="subdued">
        {parts.join(' ')}
      </Text>
      {trouble && (
        <Banner tone="warning">
          <p>{t('accuracy.shopify.stale', { why: t(`accuracy.shopify.why.${trouble}`) })}</p>
        </Banner>
      )}
    </BlockStack>
  )
}
