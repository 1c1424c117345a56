import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useFetcher, useLoaderData, useLocation } from '@remix-run/react'
import { useAppBridge } from '@shopify/app-bridge-react'
import { Page } from '@shopify/polaris'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { useStops } from '../ui/activity/stops.ts'
import { StoryLayout } from '../ui/activity/story-layout.tsx'
import { TestBadge } from '../ui/activity/test-badge.tsx'
import { titleOf } from '../ui/activity/title.ts'
import { useWord } from '../ui/activity/words.ts'
import { orUnanswered, unlessUnanswered } from '../ui/answered.ts'
import { Missing } from '../ui/frame/missing.tsx'
import { KeptNote } from '../ui/kept-note.tsx'
import { orKept, useKept } from '../ui/kept-page.ts'
import { ownQuery } from '../ui/own-query.ts'
import { useTime } from '../ui/times.ts'
import { NotDoneAbove, useAnswer } from '../ui/unanswered.tsx'
import { useWatch } from '../ui/watch.ts'

const NOT_FOUND = () => new Response(null, { status: 404 })
const formSchema = z.object({ intent: z.enum(['replay', 'try']), vendor: z.string().max(50) })

/** @throws Response when the address names no event */
function eventIn(params: LoaderFunctionArgs['params']): string {
  const { success, data } = z.uuid().safeParse(params.event)
  if (!success) throw NOT_FOUND()
  return data
}

export const meta: MetaFunction = titleOf

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const story = await merchant.activity.story(shop, eventIn(params))
  if (!story) throw NOT_FOUND()
  return story
}

/** Sends one delivery again, or has its vendor try what waits for it. */
export async function action({ request, params, context }: ActionFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const { success, data } = formSchema.safeParse(Object.fromEntries(await request.formData()))
  if (!success) throw new Response(null, { status: 400 })
  const event = eventIn(params)
  if (data.intent === 'replay')
    return { kind: 'replayed' as const, ...(await merchant.activity.replayOne(shop, event, data.vendor)) }
  const begun = await merchant.connections.tryNow(shop, data.vendor)
  if (begun === null) throw NOT_FOUND()
  return { kind: 'tried' as const, begun, vendor: data.vendor }
}

export const clientLoader = orKept<Awaited<ReturnType<typeof loader>>>
export const clientAction = orUnanswered<Awaited<ReturnType<typeof action>>>
export const shouldRevalidate = unlessUnanswered

export default function EventPage() {
  const story = useLoaderData<typeof clientLoader>()
  const { event, about, deliveries } = story
  const { t } = useTranslation()
  const word = useWord()
  const time = useTime()
  const { after } = useStops()
  const asked = useRef('')
  const search = ownQuery(useLocation().search)
  const bridge = useAppBridge()
  const fetcher = useFetcher<typeof clientAction>()
  // What is under way is shown as it goes on.
  useWatch(deliveries.some(({ nextBy }) => nextBy === 'now' || nextBy === 'time' || nextBy === 'lane'))
  useKept(story)
  const unanswered = useAnswer(fetcher, answer => {
    if (answer.kind === 'tried') {
      const name = deliveries.find(({ vendor }) => vendor === answer.vendor)?.name ?? answer.vendor
      bridge.toast.show(t(`vendors.tryNow.${answer.begun ? 'done' : 'notNow'}`, { name }))
      return
    }
    const { count, held } = answer
    const stop = deliveries.find(({ vendor }) => vendor === asked.current)?.stop ?? null
    bridge.toast.show(held > 0 ? after(stop) : t(`activity.replay.${count === 0 ? 'notNow' : 'oneDone'}`))
  })
  return (
    <Page
      title={[word('type', event.type) ?? event.type, about].filter(Boolean).join(' · ')}
      titleMetadata={event.source === 'test' && <TestBadge />}
      subtitle={time(event.receivedAt)}
      backAction={{ content: t('activity.title'), url: `/app/activity${search}` }}
    >
      <NotDoneAbove answer={unanswered} />
      <StoryLayout
        story={story}
        busy={fetcher.state !== 'idle'}
        eventAt={id => `/app/activity/${id}${search}`}
        previewOf={vendor => `/app/vendors/${vendor}/preview?event=${event.id}`}
        onReplay={vendor => {
          asked.current = vendor
          fetcher.submit({ intent: 'replay', vendor }, { method: 'post' })
        }}
        onTry={vendor => fetcher.submit({ intent: 'try', vendor }, { method: 'post' })}
      />
      <KeptNote kept={story.kept} />
    </Page>
  )
}

export function ErrorBoundary() {
  const { t } = useTranslation()
  const search = ownQuery(useLocation().search)
  const back = { content: t('activity.title'), url: `/app/activity${search}` }
  return <Missing title={t('activity.missing.title')} help={t('activity.missing.help')} back={back} />
}
