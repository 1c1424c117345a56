import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { type ClientActionFunctionArgs, useLoaderData, useNavigation } from '@remix-run/react'
import { BlockStack, Page } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { answeredOr, orUnanswered, type Unanswered, unlessUnanswered } from '../ui/answered.ts'
import { NeedsAttention } from '../ui/home/attention.tsx'
import { Daily } from '../ui/home/daily.tsx'
import { Figures, Vendors } from '../ui/home/figures.tsx'
import { Guide, type GuideAnswer } from '../ui/home/guide.tsx'
import { KeptNote } from '../ui/kept-note.tsx'
import { orKept, useKept } from '../ui/kept-page.ts'
import { titled } from '../ui/title.ts'
import { useWatch } from '../ui/watch.ts'

export const meta: MetaFunction = titled('home')

/** Days that may be looked back; the first page shows the first of them. */
const PERIODS = [7, 30, 90] as const
const STEPS = ['connect', 'embed', 'pixel', 'test', 'first'] as const
const testSchema = z.object({ key: z.uuid(), like: z.string().max(50), email: z.string().max(1_000) })
const periodSchema = z.coerce.number().pipe(z.literal(PERIODS)).catch(7)

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const period = periodSchema.parse(new URL(request.url).searchParams.get('days') ?? undefined)
  return { shop: shop.name ?? shop.domain, ...(await merchant.home.page(shop, period)) }
}

export async function action({ request, context }: ActionFunctionArgs): Promise<GuideAnswer> {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const form = Object.fromEntries(await request.formData())
  switch (form.intent) {
    case 'pixel':
      return { kind: 'pixel', trouble: await merchant.home.activatePixel(shop) }
    case 'tell':
      return { kind: 'told', ...(await merchant.home.test.tell(shop)) }
    case 'test': {
      const { success, data } = testSchema.safeParse(form)
      if (!success) throw new Response(null, { status: 400 })
      const sent = await merchant.home.test.send(shop, data)
      return 'problem' in sent ? { kind: 'notTested', ...sent } : { kind: 'tested', ...sent }
    }
    case 'dismiss':
      await merchant.home.dismissGuide(shop)
      return { kind: 'dismissed' }
    default:
      throw new Response(null, { status: 400 })
  }
}

export const clientLoader = orKept<Awaited<ReturnType<typeof loader>>>

/** What did not come through of a test is told in its dialog. */
export async function clientAction(asked: ClientActionFunctionArgs): Promise<GuideAnswer | Unanswered> {
  const intent = (await asked.request.clone().formData()).get('intent')
  if (intent !== 'tell' && intent !== 'test') return orUnanswered<GuideAnswer>(asked)
  const problem = intent === 'test' ? 'away' : 'untold'
  return answeredOr(asked.serverAction<typeof action>(), { kind: 'notTested', problem })
}

export const shouldRevalidate = unlessUnanswered

export default function Home() {
  const given = useLoaderData<typeof clientLoader>()
  const { shop, ...page } = given
  useKept(given)
  const { t } = useTranslation()
  useWatch(page.counting)
  const busy = useNavigation().state !== 'idle'
  const anything = page.tools.some(({ status }) => status.kind !== 'none')
  const guide = page.guide && <Guide key="guide" guide={page.guide} steps={STEPS} />
  const attention = (
    <NeedsAttention
      key="attention"
      items={page.attention}
      from={page.from}
      editorUrl={page.editorUrl}
      anything={anything}
      guided={page.guide !== null && !STEPS.every(step => page.guide?.done[step])}
    />
  )
  return (
    <Page title={t('home.title')} subtitle={shop}>
      <div aria-busy={busy} style={{ opacity: busy ? 0.5 : 1 }}>
        <BlockStack gap="400">
          {/* What is broken comes before what was never set up. Keys: neither loses the focus where their order changes. */}
          {page.attention.length > 0 ? [attention, guide] : [guide, attention]}
          {anything && <Figures page={page} />}
          {anything && <Daily page={page} periods={PERIODS} />}
          <Vendors page={page} />
        </BlockStack>
      </div>
      <KeptNote kept={page.kept} />
    </Page>
  )
}
