import { useLocation, useNavigation } from '@remix-run/react'
import { Banner, BlockStack, Box, InlineStack, Pagination, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFocusOnNew } from '../focus-on-new.ts'
import { Nothing } from '../nothing.tsx'
import { ownQuery } from '../own-query.ts'
import { useTime } from '../times.ts'
import { AsOf } from './as-of.tsx'
import { Filters } from './filters.tsx'
import { EventList, type Line } from './list.tsx'
import { MERCHANT_AT, type SearchTexts } from './words.ts'

/** An event before or after which a page is. */
type Place = { before: string } | { after: string }
type Props = {
  /** The list's own address, and what comes before an event's id in the address of its page. */
  at: string
  eventsAt: string
  /** Whether whoever looks may ask for one person's events. */
  byPerson?: boolean
  /** Of which zone days are that are asked for, where that is not the zone of the page's times; null: UTC. */
  days?: string | null
  /** ISO 8601, of the newest ones: when these were looked for. It is told, and whether others have come since. */
  asOf?: string
  /** Told in place of that no order of this number was received. */
  noOrder?: (order: string, action: { content: string; url: string }) => ReactNode
  given: {
    texts: SearchTexts
    /** What the address asks for, by its name there, and makes no sense. */
    leftOut: readonly string[]
    types: readonly string[]
    vendors: readonly { id: string; name: string }[]
    lines: readonly Line[]
    newer: Place | null
    older: Place | null
    lookedBackTo: string | null
    /** Whether it begins with the newest. */
    first: boolean
    /** Nothing was received of the order that is asked for. */
    noOrder: boolean
    person: string | null
  }
}

/** The filters, what they found, and the way to more of it. */
export function Found({ at, eventsAt, byPerson = true, days = null, asOf, noOrder, given }: Props) {
  const { texts, types, vendors, lines, newer, older, lookedBackTo, first } = given
  const { t } = useTranslation()
  const time = useTime()
  const navigation = useNavigation()
  const { search } = useLocation()
  const results = useFocusOnNew(search)
  const busy = navigation.state !== 'idle'
  const asked = Object.values(texts).some(value => value)
  const newest = lines[0]?.id
  const addressAt = (place: object | null) => `${at}?${new URLSearchParams({ ...texts, ...place })}`
  return (
    <BlockStack gap="400">
      <Filters key={search} {...{ at, texts, vendors, types, byPerson, days, busy }} person={given.person} />
      <section
        ref={results}
        tabIndex={-1}
        aria-label={t('activity.results')}
        aria-busy={busy}
        style={{ opacity: busy ? 0.5 : 1, outline: 'none' }}
      >
        <BlockStack gap="400">
          {given.leftOut.length > 0 && <LeftOut names={given.leftOut} />}
          {lines.length > 0 && texts.outcome && <Counted {...{ at, texts, lines }} whole={first && !older} />}
          {newest && asOf && (
            <AsOf
              key={asOf}
              {...{ at, texts, asOf, newest }}
              onShow={() => results.current?.focus({ preventScroll: true })}
            />
          )}
          {lines.length > 0 && (
            <EventList at={eventsAt} lines={lines} vendors={vendors} query={ownQuery(search)} />
          )}
          {lookedBackTo && <Banner>{t('activity.lookedBackTo', { time: time(lookedBackTo) })}</Banner>}
          {lines.length === 0 && !lookedBackTo && (
            <NothingFound {...{ at, texts, noOrder }} isNoOrder={given.noOrder} asked={asked || !first} />
          )}
          {(newer || older) && (
            <InlineStack align="center" gap="300" blockAlign="center">
              {/* Given an address, a page that is not there would be a link that leads nowhere instead of a button that is off. */}
              <Pagination
                accessibilityLabel={t('activity.pages')}
                hasPrevious={newer !== null}
                {...(newer && { previousURL: addressAt(newer) })}
                previousTooltip={t('activity.newer')}
                hasNext={older !== null}
                {...(older && { nextURL: addressAt(older) })}
                nextTooltip={t('activity.older')}
              />
              <Text as="span" tone="subdued">
                {lookedBackTo ? t('activity.further') : t('activity.newestFirst')}
              </Text>
            </InlineStack>
          )}
        </BlockStack>
      </section>
    </BlockStack>
  )
}

const FIELDS = ['type', 'vendor', 'outcome', 'order', 'since', 'until'] as const

/** What is not asked for after all is told: whoever followed a link must not take this list for that. */
function LeftOut({ names }: { names: readonly string[] }) {
  const { t, i18n } = useTranslation()
  const called = names.map(name => {
    const field = FIELDS.find(each => each === name)
    return field ? t(`activity.filter.${field}`) : name === 'lately' ? t('activity.filter.received') : name
  })
  const list = new Intl.ListFormat(i18n.language).format(called)
  return <Banner tone="warning">{t('activity.filter.leftOut', { names: list })}</Banner>
}

type CountedProps = { at: string; texts: SearchTexts; lines: readonly Line[]; whole: boolean }

/** Numbers elsewhere are of deliveries. Where the list is short enough to be seen whole, so many are told. */
function Counted({ at, texts, lines, whole }: CountedProps) {
  const { t, i18n } = useTranslation()
  const number = new Intl.NumberFormat(i18n.language).format
  const { vendor, outcome, reason, replay, undelivered } = texts
  const each = lines.map(
    ({ deliveries }) =>
      deliveries.filter(
        delivery =>
          (!vendor || delivery.vendor === vendor) &&
          isAsked(delivery, outcome) &&
          (!reason || delivery.reason === reason) &&
          (!undelivered || !delivery.deliveredBefore),
      ).length,
  )
  // Which of several deliveries were sent again together, a line does not say.
  const isKnown = Boolean(vendor) || !replay
  const isTold = whole && isKnown && each.every(count => count > 0)
  if (!isTold && at !== MERCHANT_AT) return null
  const deliveries = each.reduce((total, count) => total + count, 0)
  return (
    <Box paddingInline={{ xs: '400', sm: '0' }}>
      <Text as="p" variant="bodySm" tone="subdued">
        {isTold
          ? t('activity.counts.whole', { events: number(lines.length), deliveries: number(deliveries) })
          : t('activity.counts.part')}
      </Text>
    </Box>
  )
}

/** @param outcome as it is asked for, where what waits may be told apart */
function isAsked(
  { outcome: became, forVisitor, deliveredBefore }: Line['deliveries'][number],
  outcome: string | undefined,
) {
  // What had arrived and is being sent again is found as what it was, too.
  if (outcome === 'delivered' && deliveredBefore && (became === 'waiting' || became === 'held')) return true
  if (outcome === 'for_visitor') return forVisitor
  return outcome === 'to_send' ? became === 'waiting' && !forVisitor : became === outcome
}
type NothingFoundProps = {
  at: string
  texts: SearchTexts
  asked: boolean
  isNoOrder: boolean
  noOrder: Props['noOrder']
}

/** Of an order of which nothing was received that is the answer, whatever else is asked for. */
function NothingFound({ at, texts, asked, isNoOrder, noOrder }: NothingFoundProps) {
  const { order, newer, vendor, lately, since, until } = texts
  const { t } = useTranslation()
  if (!asked) {
    const help = t(at === MERCHANT_AT ? 'activity.empty.help' : 'support.shop.list.empty')
    return <Nothing title={t('activity.empty.title')} help={help} />
  }
  const action = { content: t('activity.filter.clear'), url: at }
  if (!order || !isNoOrder) {
    const byTime = lately || since || until
    const which = newer && !vendor ? 'toolHelp' : byTime ? 'timeHelp' : 'filteredHelp'
    const help = t(`activity.empty.${which}`)
    return <Nothing title={t('activity.empty.filtered')} {...{ help, action }} />
  }
  const help = t('activity.empty.orderHelp')
  return (
    noOrder?.(order, action) ?? <Nothing title={t('activity.empty.order', { order })} {...{ help, action }} />
  )
}
