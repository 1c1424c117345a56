import { Banner, BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { AccuracyPage } from '../../runtime/merchant-accuracy.ts'
import { useTime } from '../times.ts'
import { Equation } from './equation.tsx'
import { InShopify } from './in-shopify.tsx'
import { slotsOf } from './slots.ts'
import { ordersInShopify, receivedList, slotTerm, totalOf, useNumber, useRowWords } from './words.ts'

type Props = { page: AccuracyPage; counting: boolean; onAgain(): void }

/** Whether Sluice has received every order that Shopify has. */
export function Received({ page, counting, onAgain }: Props) {
  const { t } = useTranslation()
  const words = useRowWords()
  const { shopify, received, period } = page
  const inShopify = ordersInShopify(page.placed.whole)
  const known = shopify.state === 'counted'
  const awaited = shopify.state === 'counting'
  const slots = slotsOf(page)
  const refused = shopify.state === 'unknown' && shopify.why === 'too_far_back'
  const terms = [
    {
      key: 'received',
      words: t('accuracy.row.received'),
      count: received,
      url: receivedList(period),
    },
    ...slots.map(slot => slotTerm(slot, words, page)),
  ]
  const total =
    known || refused
      ? totalOf(page, t)
      : { key: 'whole', words: t('accuracy.row.whole'), count: null, url: null }
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {t('accuracy.orders')}
        </Text>
        <div aria-live="polite">
          {known && <Verdict page={page} />}
          {(awaited || (counting && !known)) && <Banner tone="info" title={t('accuracy.shopify.counting')} />}
          {shopify.state === 'unknown' && !counting && (
            <Banner tone="warning" title={t(`accuracy.shopify.why.${shopify.why}`)} />
          )}
        </div>
        <Equation
          label={t('accuracy.orders')}
          terms={refused ? [] : terms}
          total={total}
          awaited={awaited || counting}
        />
        {!refused && <InShopify page={page} total={total} awaited={awaited || counting} />}
        <InlineStack gap="200">
          {!refused && (
            <Button onClick={onAgain} loading={counting}>
              {t('accuracy.shopify.again')}
            </Button>
          )}
          <Button url={inShopify} target="_top">
            {t('accuracy.shopify.open')}
          </Button>
        </InlineStack>
        {/* At the end, where what is longer than was foreseen moves the least. */}
        <div aria-live="polite">
          <Side page={page} />
        </div>
      </BlockStack>
    </Card>
  )
}

function Verdict({ page: { whole, shopify } }: { page: AccuracyPage }) {
  const { t } = useTranslation()
  const number = useNumber()
  const time = useTime()
  const { orders, missing, gone, before } = whole
  const say = (key: 'all' | 'missing' | 'gone' | 'before', count: number) =>
    t(`accuracy.received.${key}`, { count, number: number(count) })
  if (missing > 0) return <Banner tone="warning" title={say('missing', missing)} />
  if (gone > 0) return <Banner tone="info" title={say('gone', gone)} />
  if (before > 0) return <Banner tone="success" title={say('before', before)} />
  if (orders === 0) return <Banner tone="info" title={t('accuracy.received.empty')} />
  if (shopify.state !== 'counted' || shopify.since === 0)
    return <Banner tone="success" title={say('all', orders)} />
  // It has not counted all of them: of the others it is not known whether it has more.
  return shopify.orders === 0 ? (
    <Banner tone="info" title={t('accuracy.received.uncounted')} />
  ) : (
    <Banner tone="success" title={t('accuracy.received.upTo', { time: time(shopify.until) })} />
  )
}

/** What Shopify's count does not tell; or what cannot be said without it. */
function Side({ page: { shopify, whole } }: { page: AccuracyPage }) {
  const { t } = useTranslation()
  if (shopify.state === 'unknown')
    return (
      <Text as="p" tone="subdued">
        {t('accuracy.shopify.unknown')}
      </Text>
    )
  const trouble = shopify.state === 'counted' ? shopify.trouble : null
  return (
    <BlockStack gap="200">
      {/* Not only where some are gone: nothing is moved when the count comes. */}
      <Text as="p" tone="subdued">
        {t('accuracy.shopify.notWhich')}
      </Text>
      {whole.missing > 0 && <Text as="p">{t('accuracy.received.missingHelp')}</Text>}
      {trouble && (
        <Banner tone="warning">
          <p>{t('accuracy.shopify.stale', { why: t(`accuracy.shopify.why.${trouble}`) })}</p>
        </Banner>
      )}
    </BlockStack>
  )
}
