import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useFetcher, useLoaderData, useLocation, useNavigate } from '@remix-run/react'
import { useAppBridge } from '@shopify/app-bridge-react'
import { BlockStack, Box, Button, Card, InlineStack, Page, Text } from '@shopify/polaris'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import type { DisconnectAnswer, VendorAnswer } from '../runtime/merchant-vendors.ts'
import { orUnanswered, type Unanswered, unlessUnanswered } from '../ui/answered.ts'
import { Columns } from '../ui/columns.tsx'
import { focusButton, focusField, isNowhere } from '../ui/focus.ts'
import { Missing } from '../ui/frame/missing.tsx'
import { KeptNote } from '../ui/kept-note.tsx'
import { orKept, useKept } from '../ui/kept-page.ts'
import { languageAsked } from '../ui/languages.ts'
import { useTime } from '../ui/times.ts'
import { useAnswer } from '../ui/unanswered.tsx'
import { Counts } from '../ui/vendors/card.tsx'
import { Disconnect } from '../ui/vendors/disconnect.tsx'
import { Guide } from '../ui/vendors/guide.tsx'
import { Held } from '../ui/vendors/held.tsx'
import { fieldAt, keyField, ToKey, valuesIn } from '../ui/vendors/key-field.tsx'
import { isKeyRefused, SettingsForm } from '../ui/vendors/settings-form.tsx'
import { isKeyRefusal, StatusBadge, useTestSentence, useWhy } from '../ui/vendors/status.tsx'
import { titleOf } from '../ui/vendors/title.ts'
import { SELDOM_MS, useWatch } from '../ui/watch.ts'

const LIST = '/app/vendors'
const formSchema = z
  .object({
    intent: z.enum(['test', 'testSaved', 'save', 'saveUntested', 'on', 'off', 'try', 'disconnect', 'offers']),
  })
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
  const language = languageAsked(request, shop.language)
  return found(await merchant.connections.page(shop, params.vendor ?? '', language))
}

export const clientLoader = orKept<Awaited<ReturnType<typeof loader>>>

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
    case 'testSaved':
      return found(await connections.test(shop, id))
    case 'try':
      return { kind: 'tried' as const, begun: found(await connections.tryNow(shop, id)) }
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

export const clientAction = orUnanswered<Awaited<ReturnType<typeof action>>>
export const shouldRevalidate = unlessUnanswered
/** What this page's own fetcher asks for: fields and the dialog ask for the rest. */
type Answer = Exclude<
  Awaited<ReturnType<typeof action>>,
  { kind: 'offered' | 'notOffered' | 'disconnected' | 'refused' }
>

/** Where the guide stands beside the form, nothing need lead to it: there are two columns from here on. */
const BESIDE = '@media (min-width: 48em) { .guide-below { display: none } }'

export default function VendorPage() {
  const page = useLoaderData<typeof clientLoader>()
  const { t, i18n } = useTranslation()
  const why = useWhy()
  const tested = useTestSentence()
  const time = useTime()
  const { hash } = useLocation()
  const guideAt = useRef<HTMLDivElement>(null)
  const bridge = useAppBridge()
  const navigate = useNavigate()
  const fetcher = useFetcher<Answer | Unanswered>()
  const [asking, setAsking] = useState(false)
  const [saves, setSaves] = useState(0)
  const [answer, setAnswer] = useState<VendorAnswer | null>(null)
  // Of what was asked for last: the page is as it stands afterwards when the answer is told.
  const [isFirst, setFirst] = useState(false)
  const [wasRefused, setWasRefused] = useState(false)
  const { id, name, status, counts, test, guide } = page
  const connected = status.kind !== 'none'
  const isRefused = status.kind === 'attention' || status.kind === 'refused' || isKeyRefusal(status)
  const busy = fetcher.state === 'idle' ? null : String(fetcher.formData?.get('intent') ?? '')
  const number = (value: number) => new Intl.NumberFormat(i18n.language).format(value)
  useKept(page)
  // What rests goes on by itself, and what waits goes out. That its tool refuses it, or support holds it, comes at any time.
  const isMoving =
    ['rests', 'paused', 'disconnecting'].includes(status.kind) ||
    (['on', 'untested'].includes(status.kind) && counts.open > 0)
  useWatch(connected, isMoving ? undefined : SELDOM_MS)
  /** What the switch did: the page is as it stands afterwards. */
  const switched = ({ on, held, released }: { on: boolean; held: number; released: number }) => {
    if (!on) return t('vendors.switched.off', { name, count: held, number: number(held) })
    switch (status.kind) {
      case 'held':
        return t('vendors.switched.onHeld', { name })
      case 'attention':
      case 'disconnecting':
        return t('vendors.switched.onAttention', { name })
      case 'rests':
      case 'paused':
        if (status.kind === 'paused' || !status.over)
          return t('vendors.switched.onLater', { name, time: time(status.until) })
    }
    return t('vendors.switched.on', { name, count: released, number: number(released) })
  }
  const unanswered = useAnswer(fetcher, data => {
    switch (data.kind) {
      case 'switched': {
        if (isNowhere()) focusButton(t(data.on ? 'vendors.switch.off' : 'vendors.switch.on'))
        return bridge.toast.show(switched(data))
      }
      case 'tried':
        return bridge.toast.show(t(`vendors.tryNow.${data.begun ? 'done' : 'notNow'}`, { name }))
      case 'saved':
        if (data.test?.ok === false)
          bridge.toast.show(t('vendors.form.savedFailed', { name }), { isError: true })
        else bridge.toast.show(t('vendors.form.saved', { name }))
        setSaves(before => before + 1)
        return setAnswer(data)
      default:
        if (data.kind === 'disconnecting') bridge.toast.show(t('vendors.form.notSaved'), { isError: true })
        else if (data.kind === 'invalid') bridge.toast.show(t('vendors.form.invalid'), { isError: true })
        else if (data.ok) bridge.toast.show(t('vendors.form.works', { name }))
        // Why not stands in the form, which has the focus.
        setAnswer(data)
    }
  })
  const disconnected = ({ kind, ended }: DisconnectAnswer) => {
    setAsking(false)
    if (kind === 'disconnected') {
      bridge.toast.show(t('vendors.disconnect.done', { name }))
      return navigate(LIST)
    }
    const gaveUp = ended > 0 ? t('vendors.held.gaveUp', { number: number(ended) }) : ''
    bridge.toast.show(`${t('vendors.held.stays')} ${gaveUp}`, { isError: true })
  }
  const send = (intent: string, values = {}) => {
    setAnswer(null)
    setFirst(!connected)
    setWasRefused(isRefused)
    fetcher.submit({ ...values, intent }, { method: 'post' })
  }
  const isHeld = status.kind === 'held'
  // What needs its key has its test beside the key.
  const canBeTested = ['on', 'untested', 'off'].includes(status.kind)
  const key = keyField(page.form.fields, valuesIn(page.form.fields))
  const began = fieldAt(hash, key)
  useEffect(() => {
    if (began) focusField(began)
  }, [began])
  // Its field says what is wrong, or the box of what was saved.
  const isAtKey = isKeyRefused(answer)
  const saidAt = isAtKey ? 'key' : answer?.kind === 'saved' && answer.test?.ok === false ? 'box' : null
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
      <Columns widths={['twoThirds', 'oneThird']}>
        <BlockStack gap="400">
          {guide.length > 0 && (
            <div className="guide-below">
              {/* By style: what a script finds out about the window comes after the page is drawn, and would move it. */}
              <style>{BESIDE}</style>
              <Box paddingInline={{ xs: '400', sm: '0' }}>
                <Button variant="plain" disclosure="down" onClick={() => guideAt.current?.focus()}>
                  {t('vendors.guide')}
                </Button>
              </Box>
            </div>
          )}
          {isHeld && <Held name={name} hold={status} off={isOff} />}
          <Card>
            <BlockStack gap="200">
              {!isHeld && (
                <Text as="p" breakWord tone={status.kind === 'attention' ? 'critical' : undefined}>
                  {why(name, status, saidAt)}
                </Text>
              )}
              {isRefused && !isAtKey && key && <ToKey field={key} />}
              {status.kind === 'rests' && !status.everyShop && (
                <InlineStack>
                  <Button onClick={() => send('try')} loading={busy === 'try'} disabled={busy !== null}>
                    {t('vendors.tryNow.button')}
                  </Button>
                </InlineStack>
              )}
              {connected && <Counts id={id} counts={counts} />}
              {connected && (
                <Text as="p" tone="subdued" breakWord>
                  {tested(test, status)}
                </Text>
              )}
              {canBeTested && (
                <InlineStack>
                  <Button
                    {...(status.kind === 'untested' && { variant: 'primary' })}
                    onClick={() => send('testSaved')}
                    loading={busy === 'testSaved'}
                    disabled={busy !== null}
                  >
                    {t('vendors.testNamed', { name })}
                  </Button>
                </InlineStack>
              )}
            </BlockStack>
          </Card>
          <SettingsForm
            key={saves}
            page={page}
            connected={connected}
            answer={unanswered ?? answer}
            isFirst={isFirst}
            isRefused={isRefused}
            wasRefused={wasRefused}
            busy={busy}
            submit={send}
          />
        </BlockStack>
        {guide.length > 0 && <Guide parts={guide} heading={guideAt} />}
      </Columns>
      <KeptNote kept={page.kept} />
      {asking && (
        <Disconnect card={page} number={number} onClose={() => setAsking(false)} onAnswer={disconnected} />
      )}
    </Page>
  )
}

export function ErrorBoundary() {
  const { t } = useTranslation()
  const back = { content: t('vendors.title'), url: LIST }
  return <Missing title={t('vendors.missing.title')} help={t('vendors.missing.help')} back={back} />
}
