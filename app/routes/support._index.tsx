import { type LoaderFunctionArgs, type MetaFunction, redirect } from '@remix-run/node'
import { useLoaderData, useNavigation } from '@remix-run/react'
import { Banner, BlockStack, Box, InlineStack, Page, Pagination, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { askedShops, written } from '../runtime/support-shop-search.ts'
import type { FoundPage, InSpool } from '../runtime/support-shops.ts'
import { Nothing } from '../ui/nothing.tsx'
import { StatesExplained } from '../ui/support/lane-state.tsx'
import { NotTakenUp } from '../ui/support/not-taken-up.tsx'
import { useNumber } from '../ui/support/number.ts'
import { type Asked, ShopFilters } from '../ui/support/shops/filters.tsx'
import { ShopList } from '../ui/support/shops/list.tsx'
import { isOrderNumber } from '../ui/support/shops/order-number.ts'
import { isEmail, PERSON_AT } from '../ui/support/shops/person.ts'
import { nameOf, useFigures } from '../ui/support/shops/words.ts'
import { consoleTitle } from '../ui/support/texts.ts'
import { useTime } from '../ui/times.ts'

export const meta: MetaFunction = () => consoleTitle('shops')

/** Rounds of half a minute each: then something is wrong with what takes the figures. */
const OLD_MS = 10 * 60_000

/** Of texts between cards, which have no margin of their own on a phone. */
const EDGE = { xs: '400', sm: '0' } as const

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  const { search, place } = askedShops(new URL(request.url).searchParams)
  const { text = '', vendor = '', state = '', sort } = search
  if (isEmail(text)) throw redirect(PERSON_AT)
  const { vendors, states, sorts } = support.shops
  const event = await support.shops.event(staff, text)
  if (event?.shop) throw redirect(`/support/shops/${event.shop}/events/${event.id}`)
  const { lines, orders, next, until, ...told } = await support.shops.page(staff, search, place)
  const now = new Date()
  return {
    ...{ vendors, states, sorts, ...told },
    asked: { text, vendor, state, sort },
    isEvent: event !== null,
    now: now.toISOString(),
    until: until?.toISOString() ?? null,
    isOld: until !== null && now.getTime() - until.getTime() > OLD_MS,
    isFirst: place === null,
    next: next && written(next),
    shops: lines.map(({ lanes, ...shop }) => ({
      ...shop,
      hasOrder: orders.includes(shop.id),
      lanes: lanes.map(({ oldestWaiting, oldestHeld, ...lane }) => ({
        ...lane,
        oldestWaiting: oldestWaiting?.toISOString() ?? null,
        oldestHeld: oldestHeld?.toISOString() ?? null,
      })),
    })),
  }
}

export default function Shops() {
  const page = useLoaderData<typeof loader>()
  const { asked, vendors, states, sorts, shops, now, next, isFirst } = page
  const { t } = useTranslation()
  const number = useNumber()
  const busy = useNavigation().state === 'loading'
  const wanted = Object.entries(asked).filter(([, value]) => value !== '')
  const addressAt = (after?: string) =>
    `/support?${new URLSearchParams([...wanted, ...(after === undefined ? [] : [['after', after]])])}`
  return (
    <Page title={t('support.shops.title')} fullWidth>
      <BlockStack gap="400">
        <ShopFilters key={Object.values(asked).join('\n')} {...{ asked, vendors, states, sorts, busy }} />
        <AsOf until={page.until} isOld={page.isOld} now={now} />
        {page.vendor !== null && (
          <Banner>{t('support.shops.byVendor', { name: nameOf(vendors, page.vendor) })}</Banner>
        )}
        {page.lookedThrough !== null && (
          <Banner tone="warning">
            {t(`support.shops.cut.${page.lookedThrough.more}`, {
              formatted: number(page.lookedThrough.shops),
            })}
          </Banner>
        )}
        {shops.length > 0 ? (
          <ShopList
            {...{ shops, vendors, now, sorts }}
            sort={asked.sort}
            sortedBy={sort =>
              `/support?${new URLSearchParams([...wanted.filter(([name]) => name !== 'sort'), ['sort', sort]])}`
            }
          />
        ) : (
          <NoShops {...page} />
        )}
        {(!isFirst || next !== null) && (
          <InlineStack align="center">
            <Pagination
              accessibilityLabel={t('support.shops.pages')}
              hasPrevious={!isFirst}
              {...(!isFirst && { previousURL: addressAt() })}
              previousTooltip={t('support.shops.first')}
              hasNext={next !== null}
              {...(next !== null && { nextURL: addressAt(next) })}
              nextTooltip={t('support.shops.next')}
            />
          </InlineStack>
        )}
        <Box paddingInline={EDGE} paddingBlockEnd="400">
          <BlockStack gap="200">
            <Text as="p" variant="bodySm" tone="subdued">
              {t('support.shops.days')}
            </Text>
            <StatesExplained />
          </BlockStack>
        </Box>
      </BlockStack>
    </Page>
  )
}

/** How old the figures are. */
function AsOf({ until, isOld, now }: { until: string | null; isOld: boolean; now: string }) {
  const { t } = useTranslation()
  const time = useTime()
  const { ago } = useFigures(now)
  const text =
    until === null
      ? t('support.shops.notYet')
      : t('support.shops.asOf', { time: time(until), ago: ago(until) })
  if (!isOld)
    return (
      <Box paddingInline={EDGE}>
        <Text as="p" tone="subdued">
          {text}
        </Text>
      </Box>
    )
  return (
    <Banner tone="warning" title={t('support.shops.old')}>
      {text}
    </Banner>
  )
}

/** What is looked for otherwise, or by more than that. */
const WANTS_MORE = new Map<string, 'person' | 'number'>([
  ['@', 'person'],
  ['#', 'number'],
])

type NoShopsProps = {
  asked: Asked
  isFirst: boolean
  isEvent: boolean
  spool: InSpool | null
  lookedThrough: FoundPage['lookedThrough']
  ofEveryDomain: boolean
}

function NoShops({ asked, isFirst, isEvent, spool, lookedThrough, ofEveryDomain }: NoShopsProps) {
  const { t } = useTranslation()
  const number = useNumber()
  const { text, vendor, state } = asked
  const isFiltered = vendor !== '' || state !== ''
  if (isFirst && text === '' && !isFiltered)
    return <Nothing title={t('support.shops.empty.title')} help={t('support.shops.empty.help')} />
  const action = { content: t('support.shops.search.clear'), url: '/support' }
  const other = isEvent ? 'event' : WANTS_MORE.get(text)
  if (other)
    return (
      <Nothing
        title={t(`support.shops.nothing.${other}`)}
        help={t(`support.shops.nothing.${other}Help`)}
        action={action}
      />
    )
  if (lookedThrough !== null) {
    const filter = Object.entries(asked).filter(([name, value]) => name !== 'text' && value !== '')
    return (
      <Nothing
        title={t('support.shops.nothing.cut', { formatted: number(lookedThrough.shops) })}
        help={t(`support.shops.nothing.cutHelp.${lookedThrough.more}`)}
        action={{
          content: t('support.shops.nothing.withoutText'),
          url: `/support?${new URLSearchParams(filter)}`,
        }}
      />
    )
  }
  if (ofEveryDomain)
    return (
      <Nothing
        title={t('support.shops.nothing.ofEveryDomain')}
        help={t('support.shops.nothing.ofEveryDomainHelp', { text })}
        action={action}
      />
    )
  if (isFirst && !isFiltered && isOrderNumber(text)) {
    const title = t('support.shops.nothing.order', { order: text })
    const help = t('support.shops.nothing.orderHelp')
    return <NotTakenUp {...{ order: text, spool, none: { title, help }, action }} />
  }
  return (
    <Nothing
      title={t('support.shops.nothing.title')}
      help={t('support.shops.nothing.help')}
      action={action}
    />
  )
}
