import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { type ClientActionFunctionArgs, useLoaderData, useLocation, useNavigation } from '@remix-run/react'
import { Banner, BlockStack, InlineStack, Page, Pagination, Text } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { EVENT_TYPES } from '../events/types.ts'
import { Filters } from '../ui/activity/filters.tsx'
import { EventList } from '../ui/activity/list.tsx'
import { ReplayMany, WHICH } from '../ui/activity/replay-many.tsx'
import { addressOf, askedBy, chosenBy, stepBy } from '../ui/activity/search.server.ts'
import { titleOf } from '../ui/activity/title.ts'
import { useTime } from '../ui/activity/words.ts'
import { Nothing } from '../ui/nothing.tsx'

export const meta: MetaFunction = titleOf

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const { search, texts, place } = askedBy(new URL(request.url).searchParams)
  const page = await merchant.activity.page(shop, search, place)
  return {
    texts,
    types: EVENT_TYPES,
    vendors: merchant.activity.vendors,
    ...page,
    lines: page.lines.map(line => ({ ...line, receivedAt: line.receivedAt.toISOString() })),
    lookedBackTo: page.lookedBackTo?.toISOString() ?? null,
    first: place === null,
  }
}

/** A filter leads to an address that does not name a person; the rest is sending again. */
export async function action({ request, context }: ActionFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const { activity } = merchant
  const form = await request.formData()
  switch (form.get('intent')) {
    case 'filter':
      return redirect(addressOf(form, email => activity.markOf(shop, email)))
    case 'count':
      return { counts: await activity.count(shop, chosenBy(form)) }
    case 'step':
      return { progress: await activity.step(shop, chosenBy(form), stepBy(form)) }
    default:
      throw new Response(null, { status: 400 })
  }
}

/** A count or a step that did not come through is told where it was asked for, not in place of the whole page. */
export async function clientAction({ request, serverAction }: ClientActionFunctionArgs) {
  const intent = (await request.clone().formData()).get('intent')
  if (intent !== 'count' && intent !== 'step') return serverAction<typeof action>()
  try {
    return await serverAction<typeof action>()
  } catch {
    return { broken: intent } as const
  }
}

export default function Activity() {
  const { texts, types, vendors, lines, newer, older, lookedBackTo, first } = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const time = useTime()
  const navigation = useNavigation()
  const { search } = useLocation()
  const [replaying, setReplaying] = useState(false)
  const busy = navigation.state !== 'idle'
  const asked = Object.values(texts).some(value => value)
  const addressAt = (place: object | null) => `/app/activity?${new URLSearchParams({ ...texts, ...place })}`
  const which = WHICH.find(each => each === texts.outcome)
  return (
    <Page
      title={t('activity.title')}
      primaryAction={{
        content: t('activity.replay.many'),
        onAction: () => setReplaying(true),
        disabled: texts.outcome !== undefined && which === undefined,
      }}
    >
      <BlockStack gap="400">
        <Filters key={search} texts={texts} vendors={vendors} types={types} busy={busy} />
        <div aria-busy={busy} style={{ opacity: busy ? 0.5 : 1 }}>
          <BlockStack gap="400">
            {lines.length > 0 && <EventList lines={lines} vendors={vendors} query={search} />}
            {lookedBackTo && <Banner>{t('activity.lookedBackTo', { time: time(lookedBackTo) })}</Banner>}
            {lines.length === 0 && !lookedBackTo && (
              <Nothing
                {...(asked || !first
                  ? {
                      ...{ title: t('activity.empty.filtered'), help: t('activity.empty.filteredHelp') },
                      action: { content: t('activity.filter.clear'), url: '/app/activity' },
                    }
                  : { title: t('activity.empty.title'), help: t('activity.empty.help') })}
              />
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
        </div>
      </BlockStack>
      {replaying && (
        <ReplayMany texts={texts} first={which ?? 'failed'} onClose={() => setReplaying(false)} />
      )}
    </Page>
  )
}
