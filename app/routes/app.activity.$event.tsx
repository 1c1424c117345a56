import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { isRouteErrorResponse, useFetcher, useLoaderData, useLocation, useRouteError } from '@remix-run/react'
import { useAppBridge } from '@shopify/app-bridge-react'
import { BlockStack, Box, Card, Layout, Modal, Page, Text } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { DeliveryCard } from '../ui/activity/delivery.tsx'
import { EventStory } from '../ui/activity/story.tsx'
import { titleOf } from '../ui/activity/title.ts'
import { useTime, useWord } from '../ui/activity/words.ts'
import { Trouble } from '../ui/frame/trouble.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { useToldOnce } from '../ui/told-once.ts'

const NOT_FOUND = () => new Response(null, { status: 404 })
const formSchema = z.object({ intent: z.literal('replay'), vendor: z.string().max(50) })

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

/** Sends one delivery again. */
export async function action({ request, params, context }: ActionFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const { success, data } = formSchema.safeParse(Object.fromEntries(await request.formData()))
  if (!success) throw new Response(null, { status: 400 })
  return merchant.activity.replayOne(shop, eventIn(params), data.vendor)
}

export default function EventPage() {
  const { event, about, receipt, deliveries, notWanted } = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const word = useWord()
  const time = useTime()
  const { search } = useLocation()
  const bridge = useAppBridge()
  const fetcher = useFetcher<typeof action>()
  const [asking, setAsking] = useState<{ vendor: string; name: string } | null>(null)
  const busy = fetcher.state !== 'idle'
  useToldOnce(fetcher, ({ count, held }) => {
    bridge.toast.show(t(`activity.replay.${count === 0 ? 'notNow' : held > 0 ? 'oneHeld' : 'oneDone'}`))
  })
  const send = () => {
    if (asking) fetcher.submit({ intent: 'replay', vendor: asking.vendor }, { method: 'post' })
    setAsking(null)
  }
  return (
    <Page
      title={[word('type', event.type) ?? event.type, about].filter(Boolean).join(' · ')}
      subtitle={time(event.receivedAt)}
      backAction={{ content: t('activity.title'), url: `/app/activity${search}` }}
    >
      <Layout>
        <Layout.Section variant="oneThird">
          <BlockStack gap="400">
            <EventStory event={event} about={about} receipt={receipt} />
          </BlockStack>
        </Layout.Section>
        <Layout.Section>
          <BlockStack gap="400">
            <Box paddingInline={{ xs: '400', sm: '0' }}>
              <Text as="h2" variant="headingMd">
                {t('activity.story.decisions')}
              </Text>
            </Box>
            {deliveries.length === 0 && (
              <Card>
                <Text as="p">{t('activity.nowhere')}</Text>
              </Card>
            )}
            {deliveries.map(delivery => (
              <DeliveryCard
                key={delivery.vendor}
                eventId={event.id}
                delivery={delivery}
                busy={busy}
                onReplay={() => setAsking(delivery)}
              />
            ))}
            {notWanted.length > 0 && (
              <Card>
                <Text as="p">{t('activity.story.notWanted', { vendors: notWanted.join(', ') })}</Text>
              </Card>
            )}
            <Box paddingInline={{ xs: '400', sm: '0' }}>
              <Text as="p" variant="bodySm" tone="subdued" breakWord>
                {t('activity.story.id', { id: event.id })}
              </Text>
            </Box>
          </BlockStack>
        </Layout.Section>
      </Layout>
      {asking && (
        <Modal
          open
          title={t('activity.replay.oneTitle', { name: asking.name })}
          onClose={() => setAsking(null)}
          primaryAction={{ content: t('activity.replay.one'), onAction: send }}
          secondaryActions={[{ content: t('activity.replay.cancel'), onAction: () => setAsking(null) }]}
        >
          <Modal.Section>
            <Text as="p">{t('activity.replay.oneHelp', { name: asking.name })}</Text>
          </Modal.Section>
        </Modal>
      )}
    </Page>
  )
}

export function ErrorBoundary() {
  const error = useRouteError()
  const { t } = useTranslation()
  const { search } = useLocation()
  if (!isRouteErrorResponse(error) || error.status !== 404) return <Trouble />
  return (
    <Page
      title={t('activity.missing.title')}
      backAction={{ content: t('activity.title'), url: `/app/activity${search}` }}
    >
      <Nothing help={t('activity.missing.help')} />
    </Page>
  )
}
