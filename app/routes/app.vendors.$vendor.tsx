import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { isRouteErrorResponse, useFetcher, useLoaderData, useNavigate, useRouteError } from '@remix-run/react'
import { useAppBridge } from '@shopify/app-bridge-react'
import { BlockStack, Card, Layout, Page, Text } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import type { VendorAnswer } from '../runtime/merchant-vendors.ts'
import { Trouble } from '../ui/frame/trouble.tsx'
import { languageAsked } from '../ui/languages.ts'
import { Nothing } from '../ui/nothing.tsx'
import { useToldOnce } from '../ui/told-once.ts'
import { Counts } from '../ui/vendors/card.tsx'
import { Disconnect } from '../ui/vendors/disconnect.tsx'
import { Guide } from '../ui/vendors/guide.tsx'
import { Held } from '../ui/vendors/held.tsx'
import { SettingsForm } from '../ui/vendors/settings-form.tsx'
import { StatusBadge, useTestSentence, useWhy } from '../ui/vendors/status.tsx'
import { titleOf } from '../ui/vendors/title.ts'

const LIST = '/app/vendors'
const formSchema = z
  .object({ intent: z.enum(['test', 'save', 'saveUntested', 'on', 'off', 'disconnect', 'offers']) })
  .catchall(z.string().max(10_000))

export const meta: MetaFunction = titleOf

/** @throws Response when there is no such vendor, or it is not connected */
function found<T>(value: T | null): T {
  if (value === null) throw new Response(null, { status: 404 })
  return value
}

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const language = languageAsked(request, await merchant.settings.language(shop))
  return found(await merchant.connections.page(shop, params.vendor ?? '', language))
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const { success, data } = formSchema.safeParse(Object.fromEntries(await request.formData()))
  if (!success) throw new Response(null, { status: 400 })
  const { intent, ...values } = data
  const id = params.vendor ?? ''
  const { connections } = merchant
  switch (intent) {
    case 'on':
    case 'off': {
      const on = intent === 'on'
      return { kind: 'switched' as const, on, ...found(await connections.switch(shop, id, on)) }
    }
    case 'disconnect':
      return found(await connections.disconnect(shop, id))
    case 'offers': {
      const { setting = '', ...rest } = values
      return found(await connections.offers(shop, id, setting, rest))
    }
    default:
      return found(await connections.submit(shop, id, intent, values))
  }
}

export default function VendorPage() {
  const page = useLoaderData<typeof loader>()
  const { t, i18n } = useTranslation()
  const why = useWhy()
  const tested = useTestSentence()
  const bridge = useAppBridge()
  const navigate = useNavigate()
  const fetcher = useFetcher<typeof action>()
  const [asking, setAsking] = useState(false)
  const [saves, setSaves] = useState(0)
  const [answer, setAnswer] = useState<VendorAnswer | null>(null)
  const { id, name, status, counts, test, guide } = page
  const connected = status.kind !== 'none'
  const busy = fetcher.state === 'idle' ? null : String(fetcher.formData?.get('intent') ?? '')
  const number = (value: number) => new Intl.NumberFormat(i18n.language).format(value)
  useToldOnce(fetcher, data => {
    switch (data.kind) {
      case 'switched': {
        const count = data.on ? data.released : data.held
        const which = data.on ? 'on' : 'off'
        bridge.toast.show(t(`vendors.switched.${which}`, { name, count, number: number(count) }))
        return
      }
      case 'disconnected':
        bridge.toast.show(t('vendors.disconnect.done', { name }))
        return navigate(LIST)
      case 'refused':
        return bridge.toast.show(t('vendors.held.stays'), { isError: true })
      case 'saved':
        bridge.toast.show(t('vendors.form.saved', { name }))
        setSaves(before => before + 1)
        return setAnswer(data)
      // These are asked for by their own fields.
      case 'offered':
      case 'notOffered':
        return
      default:
        setAnswer(data)
    }
  })
  const send = (intent: string, values = {}) => {
    setAnswer(null)
    fetcher.submit({ ...values, intent }, { method: 'post' })
  }
  const isHeld = status.kind === 'held'
  const isOff = isHeld ? !status.enabled : status.kind === 'off'
  return (
    <Page
      title={name}
      titleMetadata={<StatusBadge status={status} />}
      backAction={{ content: t('vendors.title'), url: LIST }}
      secondaryActions={[
        { content: t('preview.open'), url: `${LIST}/${page.id}/preview` },
        { content: t('syncs.open'), url: `${LIST}/${page.id}/syncs` },
        ...(connected
          ? [
              {
                content: t(isOff ? 'vendors.switch.on' : 'vendors.switch.off'),
                onAction: () => send(isOff ? 'on' : 'off'),
                disabled: busy !== null,
              },
            ]
          : []),
        // Support's hold would end with the connection.
        ...(connected && !isHeld
          ? [
              {
                content: t('vendors.disconnect.button'),
                destructive: true,
                onAction: () => setAsking(true),
                disabled: busy !== null,
              },
            ]
          : []),
      ]}
    >
      <Layout>
        <Layout.Section>
          <BlockStack gap="400">
            {isHeld && <Held name={name} hold={status} />}
            <Card>
              <BlockStack gap="200">
                {!isHeld && (
                  <Text as="p" breakWord tone={status.kind === 'attention' ? 'critical' : undefined}>
                    {why(name, status)}
                  </Text>
                )}
                {connected && <Counts id={id} counts={counts} />}
                {connected && (
                  <Text as="p" tone="subdued" breakWord>
                    {tested(test)}
                  </Text>
                )}
              </BlockStack>
            </Card>
            <SettingsForm
              key={saves}
              page={page}
              connected={connected}
              answer={answer}
              busy={busy}
              submit={send}
            />
          </BlockStack>
        </Layout.Section>
        {guide.length > 0 && (
          <Layout.Section variant="oneThird">
            <Guide parts={guide} />
          </Layout.Section>
        )}
      </Layout>
      {asking && (
        <Disconnect
          card={page}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false)
            send('disconnect')
          }}
        />
      )}
    </Page>
  )
}

export function ErrorBoundary() {
  const error = useRouteError()
  const { t } = useTranslation()
  if (!isRouteErrorResponse(error) || error.status !== 404) return <Trouble />
  return (
    <Page title={t('vendors.missing.title')} backAction={{ content: t('vendors.title'), url: LIST }}>
      <Nothing help={t('vendors.missing.help')} />
    </Page>
  )
}
