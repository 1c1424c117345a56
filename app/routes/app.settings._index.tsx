import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useFetcher, useLoaderData } from '@remix-run/react'
import { useAppBridge } from '@shopify/app-bridge-react'
import { BlockStack, Box, Page } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import type { Tried } from '../runtime/merchant-settings.ts'
import { orUnanswered, unlessUnanswered } from '../ui/answered.ts'
import { KeptNote } from '../ui/kept-note.tsx'
import { orKept, useKept } from '../ui/kept-page.ts'
import { LANGUAGES } from '../ui/languages.ts'
import { Export } from '../ui/settings/export.tsx'
import { SettingsForm } from '../ui/settings/form.tsx'
import { Storefront } from '../ui/settings/storefront.tsx'
import { KINDS, type Values } from '../ui/settings/values.ts'
import { titled } from '../ui/title.ts'
import { NotDoneAbove, useAnswer } from '../ui/unanswered.tsx'

const text = z.string().max(3_000)
const formSchema = z.discriminatedUnion('intent', [
  z.object({
    intent: z.literal('save'),
    ...{ retentionDays: text, emails: text, webhook: text, webhookSecret: text, webhookOff: text },
    language: z.enum(['', ...LANGUAGES]),
    ...{ 'kind.attention': text, 'kind.waiting': text, 'kind.giving_up': text },
  }),
  z.object({ intent: z.enum(['test', 'activate']) }),
])

export const meta: MetaFunction = titled('settings')

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  return { page: await merchant.settings.page(shop), shop: shop.domain }
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const { success, data } = formSchema.safeParse(Object.fromEntries(await request.formData()))
  if (!success) throw new Response(null, { status: 400 })
  switch (data.intent) {
    case 'save': {
      const { intent: _, language, webhookOff, ...rest } = data
      return merchant.settings.save(shop, {
        ...rest,
        language: language || null,
        webhookOff: webhookOff === 'on',
        kinds: KINDS.filter(kind => data[`kind.${kind}`] === 'on'),
      })
    }
    case 'test':
      return { kind: 'tested' as const, tried: await merchant.settings.tryAlerts(shop) }
    case 'activate':
      return { kind: 'activated' as const, pixel: await merchant.settings.activatePixel(shop) }
  }
}

export const clientLoader = orKept<Awaited<ReturnType<typeof loader>>>
export const clientAction = orUnanswered<Awaited<ReturnType<typeof action>>>
export const shouldRevalidate = unlessUnanswered

type Answer = Awaited<ReturnType<typeof action>>

export default function Settings() {
  const given = useLoaderData<typeof clientLoader>()
  const { page, shop } = given
  useKept(given)
  const { t } = useTranslation()
  const bridge = useAppBridge()
  const fetcher = useFetcher<typeof clientAction>()
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [tried, setTried] = useState<Tried[] | 'tooOften' | null>(null)
  const [saves, setSaves] = useState(0)
  const busy = fetcher.state === 'idle' ? null : String(fetcher.formData?.get('intent') ?? 'save')
  const unanswered = useAnswer(fetcher, data => {
    setAnswer(data)
    switch (data.kind) {
      case 'saved':
        bridge.toast.show(t('settings.saved'))
        return setSaves(before => before + 1)
      case 'tested':
        return setTried(data.tried ?? 'tooOften')
      case 'activated':
        if (data.pixel.trouble === null) bridge.toast.show(t('settings.pixel.done'))
        else bridge.toast.show(t('settings.pixel.notDone'), { isError: true })
        return
      case 'invalid':
        bridge.toast.show(t('settings.notSaved'), { isError: true })
    }
  })
  const submit = (intent: string, values: Partial<Values> = {}) => {
    setAnswer(null)
    setTried(null)
    fetcher.submit({ ...values, intent }, { method: 'post' })
  }
  return (
    <Page title={t('settings.title')} secondaryActions={[{ content: t('deeds.title'), url: '/app/support' }]}>
      <NotDoneAbove answer={unanswered} />
      <BlockStack gap="600">
        <Storefront
          embed={page.embed}
          pixel={page.pixel}
          activating={busy === 'activate'}
          disabled={busy !== null}
          onActivate={() => submit('activate')}
        />
        <SettingsForm
          key={saves}
          page={page}
          problems={answer?.kind === 'invalid' ? answer.problems : {}}
          tried={tried}
          busy={busy}
          submit={submit}
        />
        <Export first={page.proposed.from} today={page.proposed.to} shop={shop} />
        <Box paddingBlockEnd="800" />
      </BlockStack>
      <KeptNote kept={given.kept} />
    </Page>
  )
}
