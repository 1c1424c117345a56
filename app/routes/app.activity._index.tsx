import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { BlockStack, Page } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Found } from '../ui/activity/found.tsx'
import { Opened } from '../ui/activity/kept-replays.tsx'
import { OrderLater } from '../ui/activity/order-later.tsx'
import { ReplayMany, type Sent, WHICH, whichFirst } from '../ui/activity/replay-many.tsx'
import {
  addressOf,
  askedBy,
  chosenBy,
  isNoOrder,
  replayBy,
  shownPage,
  stepBy,
} from '../ui/activity/search.server.ts'
import { SentAgain } from '../ui/activity/sent-again.tsx'
import { isStale } from '../ui/activity/stale.ts'
import { titleOf } from '../ui/activity/title.ts'
import { toldWhereAsked } from '../ui/activity/told.ts'
import { MERCHANT_AT, REPLAYS_AT } from '../ui/activity/words.ts'
import { KeptNote } from '../ui/kept-note.tsx'
import { orKept, useKept } from '../ui/kept-page.ts'
import { useWatch } from '../ui/watch.ts'

export const meta: MetaFunction = titleOf

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const asked = askedBy(new URL(request.url).searchParams, merchant.activity.vendors)
  const page = await merchant.activity.page(shop, asked.search, asked.place, asked.who)
  const noOrder = await isNoOrder(asked, page, search => merchant.activity.page(shop, search, null, null))
  const spool = noOrder ? await merchant.activity.spool(shop) : null
  const { replayId } = asked.search
  return {
    vendors: merchant.activity.vendors,
    opened: replayId === undefined ? null : await merchant.activity.replay(shop, replayId),
    ...shownPage(asked, page),
    asOf: new Date().toISOString(),
    noOrder,
    spool,
  }
}

export const clientLoader = orKept<Awaited<ReturnType<typeof loader>>>

/** A filter leads to an address that does not name a person; the rest is sending again. */
export async function action({ request, context }: ActionFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const { activity } = merchant
  const form = await request.formData()
  switch (form.get('intent')) {
    case 'filter':
      return redirect(await addressOf(MERCHANT_AT, form, email => activity.markOf(shop, email)))
    case 'count':
      return { counted: await activity.count(shop, chosenBy(form)) }
    case 'outcomes':
      return { outcomes: await activity.outcomes(shop, replayBy(form)) }
    case 'step':
      return { progress: await activity.step(shop, chosenBy(form), stepBy(form)) }
    default:
      throw new Response(null, { status: 400 })
  }
}

export const clientAction = toldWhereAsked<Awaited<ReturnType<typeof action>>>

export const shouldRevalidate = isStale

export default function Activity() {
  const given = useLoaderData<typeof clientLoader>()
  useKept(given)
  const { vendors, texts, lines, spool, opened, first, asOf } = given
  const { t } = useTranslation()
  const [replaying, setReplaying] = useState(false)
  const [sent, setSent] = useState(false)
  const [last, setLast] = useState<Sent | null>(null)
  // What was sent again is shown as it goes out.
  const isGoingOut =
    (sent || texts.replay !== undefined) &&
    lines.some(({ deliveries }) => deliveries.some(({ outcome }) => outcome === 'waiting'))
  // The first event shows up where the page says that it will.
  const isAwaitingFirst = lines.length === 0 && first && Object.values(texts).every(value => !value)
  useWatch(isGoingOut || isAwaitingFirst)
  const which = WHICH.find(each => each === texts.outcome)
  return (
    <Page
      title={t('activity.title')}
      secondaryActions={[{ content: t('activity.replays.title'), url: REPLAYS_AT }]}
      {...(lines.length > 0 && {
        primaryAction: {
          content: t('activity.replay.many'),
          onAction: () => setReplaying(true),
          disabled: texts.outcome !== undefined && which === undefined,
        },
      })}
    >
      <BlockStack gap="400">
        {last && last.id !== texts.replay && <SentAgain at={MERCHANT_AT} sent={last} />}
        {opened && <Opened replay={opened} vendors={vendors} />}
        <Found
          at={MERCHANT_AT}
          eventsAt={MERCHANT_AT}
          given={given}
          {...(first && { asOf })}
          {...(spool &&
            (spool.waiting ?? spool.failed) && {
              noOrder: (order, action) => <OrderLater {...{ order, spool, action }} />,
            })}
        />
      </BlockStack>
      <KeptNote kept={given.kept} />
      {replaying && (
        <ReplayMany
          at={MERCHANT_AT}
          {...{ texts, vendors }}
          first={whichFirst(texts, lines)}
          // The dialog itself says so, and a toast would lie over its buttons on a phone.
          tell={() => setSent(true)}
          onClose={done => {
            setReplaying(false)
            if (done) setLast(done)
          }}
        />
      )}
    </Page>
  )
}
