import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { isRouteErrorResponse, useFetcher, useLoaderData, useLocation, useRouteError } from '@remix-run/react'
import { Banner, BlockStack, Page } from '@shopify/polaris'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { atLeast } from '../support/roles.ts'
import { useStops } from '../ui/activity/stops.ts'
import { StoryLayout } from '../ui/activity/story-layout.tsx'
import { TestBadge } from '../ui/activity/test-badge.tsx'
import { useWord } from '../ui/activity/words.ts'
import { orFailed, unlessUnanswered } from '../ui/answered.ts'
import { orKept, useKept } from '../ui/kept-page.ts'
import { Nothing } from '../ui/nothing.tsx'
import { ReasonField } from '../ui/support/reason-field.tsx'
import { eventAsked, reasonIn, shopAsked, vendorIn } from '../ui/support/shop/asked.server.ts'
import { HeldHere } from '../ui/support/shop/held-here.tsx'
import { Reveal, type RevealAnswer } from '../ui/support/shop/reveal.tsx'
import { StoppedHere } from '../ui/support/shop/stopped-here.tsx'
import { consoleTitle } from '../ui/support/texts.ts'
import { ConsoleTrouble } from '../ui/support/trouble.tsx'
import { useTyped } from '../ui/support/typed.ts'
import { useTime } from '../ui/times.ts'
import { useToldOnce } from '../ui/told-once.ts'

const NOT_FOUND = () => new Response(null, { status: 404 })
type Answer = RevealAnswer | { kind: 'replayed'; count: number; held: number } | { kind: 'unexplained' }

export const meta: MetaFunction<typeof loader> = ({ data }) => consoleTitle('shop', data?.shop.domain)

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  const shop = await shopAsked(support, staff, params)
  const story = await support.shop.activity.story(shop, eventAsked(params))
  if (!story) throw NOT_FOUND()
  return { story, shop: { domain: shop.domain }, mayAct: atLeast(staff.role, 'agent') }
}

/** Sends one delivery again, or shows the event's person for once: in this answer, which nobody keeps. */
export async function action({ request, params, context }: ActionFunctionArgs): Promise<Answer> {
  const { support } = context.services
  const staff = await support.enter(request, 'agent')
  const shop = await shopAsked(support, staff, params)
  const event = eventAsked(params)
  const { activity } = support.shop
  const form = await request.formData()
  switch (form.get('intent')) {
    case 'replay': {
      const vendor = vendorIn(form)
      const why = reasonIn(form, 'why')
      if (why === null) return { kind: 'unexplained' }
      return { kind: 'replayed', ...(await activity.replayOne(staff, shop, event, vendor, why)) }
    }
    case 'reveal': {
      const reason = reasonIn(form)
      if (reason === null) return { kind: 'missing' }
      const revealed = await activity.reveal(staff, shop, event, reason)
      if (!revealed) throw NOT_FOUND()
      return { kind: 'revealed', ...revealed }
    }
    default:
      throw new Response(null, { status: 400 })
  }
}

export const clientAction = orFailed<Awaited<ReturnType<typeof action>>>

export const clientLoader = orKept<Awaited<ReturnType<typeof loader>>>
export const shouldRevalidate = unlessUnanswered

export default function StoryPage() {
  const given = useLoaderData<typeof loader>()
  const { story, shop, mayAct } = given
  useKept(given)
  const { event, about } = story
  const { t } = useTranslation()
  const word = useWord()
  const time = useTime()
  const { search } = useLocation()
  const { after } = useStops()
  const fetcher = useFetcher<Answer>()
  const [told, setTold] = useState<string | null>(null)
  const [reason, setReason] = useTyped('replay')
  const asked = useRef('')
  const at = `/support/shops/${shop.domain}`
  useToldOnce(fetcher, answer => {
    if (answer.kind === 'failed') setTold(t('support.shop.act.failed'))
    if (answer.kind === 'unexplained') setTold(t('support.shop.again.missing'))
    if (answer.kind !== 'replayed') return
    setReason('')
    const { count, held } = answer
    const stop = story.deliveries.find(({ vendor }) => vendor === asked.current)?.stop ?? null
    setTold(held > 0 ? after(stop) : t(`activity.replay.${count === 0 ? 'notNow' : 'oneDone'}`))
  })
  const replay = (vendor: string) => {
    asked.current = vendor
    fetcher.submit({ intent: 'replay', vendor, why: reason }, { method: 'post' })
  }
  return (
    <Page
      title={[word('type', event.type) ?? event.type, about].filter(Boolean).join(' · ')}
      titleMetadata={event.source === 'test' && <TestBadge />}
      subtitle={`${shop.domain} · ${time(event.receivedAt)}`}
      backAction={{
        content: t('support.shop.list.title'),
        url: `${at}/activity${search}`,
      }}
    >
      <BlockStack gap="400">
        <div aria-live="polite">
          {told && (
            <Banner onDismiss={() => setTold(null)}>
              <p>{told}</p>
            </Banner>
          )}
        </div>
        <StoryLayout
          story={story}
          busy={fetcher.state !== 'idle'}
          eventAt={id => `${at}/events/${id}${search}`}
          onReplay={mayAct ? replay : undefined}
          why={{ reason, field: <ReasonField isFirst of="replay" value={reason} change={setReason} /> }}
          showHold={({ vendor, name, heldSince }, hold) => (
            <HeldHere {...{ at, vendor, name, hold, heldSince }} holder={story.holders[vendor]} />
          )}
          showStops={({ vendor, name, stops }) => <StoppedHere {...{ at, vendor, name, stops }} />}
        >
          <Reveal key={event.id} mayAct={mayAct} />
        </StoryLayout>
      </BlockStack>
    </Page>
  )
}

export function ErrorBoundary() {
  const error = useRouteError()
  const { t } = useTranslation()
  if (!isRouteErrorResponse(error) || error.status !== 404) return <ConsoleTrouble />
  return (
    <Page
      title={t('support.shop.event.missing')}
      backAction={{ content: t('support.shops.title'), url: '/support' }}
    >
      <Nothing help={t('support.shop.event.missingHelp')} />
    </Page>
  )
}
