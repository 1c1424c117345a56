import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useLoaderData, useNavigation } from '@remix-run/react'
import { BlockStack, Page } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { orUnanswered, unlessUnanswered } from '../ui/answered.ts'
import { NeedsAttention } from '../ui/home/attention.tsx'
import { Daily } from '../ui/home/daily.tsx'
import { Figures, Vendors } from '../ui/home/figures.tsx'
import { Guide, type GuideAnswer } from '../ui/home/guide.tsx'
import { titled } from '../ui/title.ts'
import { useWatch } from '../ui/watch.ts'

export const meta: MetaFunction = titled('home')

/** Days that may be looked back; the first page shows the first of them. */
const PERIODS = [7, 30, 90] as const
const STEPS = ['connect', 'embed', 'pixel', 'test', 'first'] as const
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
  switch ((await request.formData()).get('intent')) {
    case 'pixel':
      return { kind: 'pixel', trouble: await merchant.home.activatePixel(shop) }
    case 'test':
      return { kind: 'tested', ...(await merchant.home.testTools(shop)) }
    case 'dismiss':
      await merchant.home.dismissGuide(shop)
      return { kind: 'dismissed' }
    default:
      throw new Response(null, { status: 400 })
  }
}

export const clientAction = orUnanswered<GuideAnswer>
export const shouldRevalidate = unlessUnanswered

export default function Home() {
  const { shop, ...page } = useLoaderData<typeof loader>()
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
    </Page>
  )
}
