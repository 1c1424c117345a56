import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { Banner, BlockStack, Page } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { idIn } from '../events/id.ts'
import { atLeast } from '../support/roles.ts'
import { Found } from '../ui/activity/found.tsx'
import { ReplayMany, type Sent, WHICH, whichFirst } from '../ui/activity/replay-many.tsx'
import {
  addressOf,
  askedBy,
  asksForPerson,
  chosenBy,
  isNoOrder,
  replayBy,
  shownPage,
  stepBy,
} from '../ui/activity/search.server.ts'
import { SentAgain } from '../ui/activity/sent-again.tsx'
import { isStale } from '../ui/activity/stale.ts'
import { toldWhereAsked } from '../ui/activity/told.ts'
import { NotTakenUp } from '../ui/support/not-taken-up.tsx'
import { ReasonField } from '../ui/support/reason-field.tsx'
import { reasonIn, shopAsked } from '../ui/support/shop/asked.server.ts'
import { consoleTitle } from '../ui/support/texts.ts'
import { useReopened, useTyped } from '../ui/support/typed.ts'

export const meta: MetaFunction<typeof loader> = ({ data }) => consoleTitle('shop', data?.shop.domain)

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const { searchParams } = new URL(request.url)
  const staff = await support.enter(request, asksForPerson(searchParams) ? 'agent' : 'viewer')
  const shop = await shopAsked(support, staff, params)
  const { activity } = support.shop
  const asked = askedBy(searchParams, activity.vendors)
  const { order } = asked.search
  const event = idIn(order)
  if (event !== null) throw redirect(`/support/shops/${shop.domain}/events/${event}`)
  const page = await activity.page(shop, asked.search, asked.place, asked.who)
  const noOrder = await isNoOrder(asked, page, search => activity.page(shop, search, null, null))
  return {
    shop: { domain: shop.domain, name: shop.name, timeZone: shop.timeZone },
    vendors: activity.vendors,
    mayAct: atLeast(staff.role, 'agent'),
    ...shownPage(asked, page),
    noOrder,
    spool: noOrder ? await activity.spool(shop) : null,
  }
}

/**
 * A filter, which whoever sees may ask for unless it is for one person, leads to an address that does not name them; the rest is
 * sending again.
 */
export async function action({ request, params, context }: ActionFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  const form = await request.formData()
  const intent = form.get('intent')
  if (intent !== 'filter' || asksForPerson(form)) await support.enter(request, 'agent')
  const shop = await shopAsked(support, staff, params)
  const { activity } = support.shop
  switch (intent) {
    case 'filter':
      return redirect(
        await addressOf(`/support/shops/${shop.domain}/activity`, form, email =>
          activity.markOf(staff, shop, email),
        ),
      )
    case 'count':
      return { counted: await activity.count(shop, chosenBy(form)) }
    case 'outcomes':
      return { outcomes: await activity.outcomes(shop, replayBy(form)) }
    case 'step': {
      const why = reasonIn(form, 'why')
      if (why === null) throw new Response(null, { status: 400 })
      return { progress: await activity.step(staff, shop, chosenBy(form), stepBy(form), why) }
    }
    default:
      throw new Response(null, { status: 400 })
  }
}

export const clientAction = toldWhereAsked<Awaited<ReturnType<typeof action>>>

export const shouldRevalidate = isStale

export default function ShopActivity() {
  const given = useLoaderData<typeof loader>()
  const { shop, texts, mayAct, spool } = given
  const { t } = useTranslation()
  const [replaying, setReplaying] = useState(false)
  useReopened(['replay'], () => setReplaying(mayAct))
  const [reason, setReason] = useTyped('replay')
  const [isBroken, setBroken] = useState(false)
  const [last, setLast] = useState<Sent | null>(null)
  const which = WHICH.find(each => each === texts.outcome)
  const at = `/support/shops/${shop.domain}`
  return (
    <Page
      title={t('support.shop.list.title')}
      subtitle={shop.name ? `${shop.name} · ${shop.domain}` : shop.domain}
      backAction={{ content: shop.domain, url: texts.vendor ? `${at}#${texts.vendor}` : at }}
      {...(mayAct &&
        given.lines.length > 0 && {
          primaryAction: {
            content: t('support.shop.list.replay'),
            onAction: () => setReplaying(true),
            disabled: texts.outcome !== undefined && which === undefined,
          },
        })}
    >
      <BlockStack gap="400">
        <div aria-live="polite">
          {isBroken && (
            <Banner tone="critical" onDismiss={() => setBroken(false)}>
              <p>{t('activity.replay.stopped')}</p>
            </Banner>
          )}
          {last && last.id !== texts.replay && (
            <SentAgain at={`${at}/activity`} sent={last} onDismiss={() => setLast(null)} />
          )}
        </div>
        <Found
          {...{ given, byPerson: mayAct, days: shop.timeZone }}
          at={`${at}/activity`}
          eventsAt={`${at}/events`}
          noOrder={(order, action) => {
            const none = { title: t('activity.empty.order', { order }), help: t('activity.empty.orderHelp') }
            return <NotTakenUp {...{ order, spool, none, action }} />
          }}
        />
      </BlockStack>
      {replaying && (
        <ReplayMany
          at={`${at}/activity`}
          {...{ texts, vendors: given.vendors, days: shop.timeZone }}
          first={whichFirst(texts, given.lines)}
          why={{ reason, field: <ReasonField isFirst of="replay" value={reason} change={setReason} /> }}
          tell={setBroken}
          onClose={done => {
            setReplaying(false)
            if (done) setLast(done)
            setReason('')
          }}
        />
      )}
    </Page>
  )
}
