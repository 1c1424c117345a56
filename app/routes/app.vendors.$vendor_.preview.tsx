import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useFetcher, useLoaderData, useLocation, useNavigation, useSearchParams } from '@remix-run/react'
import { Banner, BlockStack, Page } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { EVENT_TYPES } from '../events/types.ts'
import type { PreviewPage } from '../runtime/merchant-preview.ts'
import { orUnanswered, type Unanswered, unlessUnanswered } from '../ui/answered.ts'
import { Columns } from '../ui/columns.tsx'
import { Missing } from '../ui/frame/missing.tsx'
import { type Asked, Choose } from '../ui/preview/choose.tsx'
import { Person } from '../ui/preview/person.tsx'
import { Result } from '../ui/preview/result.tsx'
import { Stands } from '../ui/vendors/stands.tsx'
import { titleOf } from '../ui/vendors/title.ts'

const NOT_FOUND = () => new Response(null, { status: 404 })
/** In place of an event's id: an invented one. */
const SAMPLE = 'sample'
const orderSchema = z.string().trim().min(1).max(100).nullable().catch(null)
const askedSchema = z.object({
  type: z.enum(EVENT_TYPES).nullable().catch(null),
  order: orderSchema,
  find: orderSchema,
})
const findSchema = z.object({
  type: z.enum(EVENT_TYPES),
  order: z.string().max(100).optional(),
  event: z.string().max(100).optional(),
  find: z.string().max(100),
})
const formSchema = z.object({ type: z.enum(EVENT_TYPES) }).catchall(z.string().max(10_000))

export const meta: MetaFunction = titleOf

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const query = new URL(request.url).searchParams
  const event = query.get('event') || null
  const sample = event === SAMPLE
  const { success, data: eventId } = z
    .uuid()
    .nullable()
    .safeParse(sample ? null : event)
  if (!success) throw NOT_FOUND()
  const asked = askedSchema.parse(
    Object.fromEntries(['type', 'order', 'find'].map(name => [name, query.get(name)])),
  )
  const page = await merchant.preview.page(shop, params.vendor ?? '', { ...asked, eventId, sample })
  if (!page) throw NOT_FOUND()
  return page
}

/** By settings that are not saved; or leads to the events of an order. */
export async function action({ request, params, context }: ActionFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const form = Object.fromEntries(await request.formData())
  if (form.intent === 'find') {
    const { data: asked } = findSchema.safeParse(form)
    if (!asked) throw new Response(null, { status: 400 })
    return redirect(`${new URL(request.url).pathname}?${new URLSearchParams(asked)}`)
  }
  const { success, data } = formSchema.safeParse(form)
  if (!success) throw new Response(null, { status: 400 })
  const { type, ...values } = data
  const answer = await merchant.preview.unsaved(shop, params.vendor ?? '', type, values)
  if (!answer) throw NOT_FOUND()
  return answer
}

export const clientAction = orUnanswered<Awaited<ReturnType<typeof action>>>

export const shouldRevalidate = unlessUnanswered

export default function Preview() {
  const page = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const [, setQuery] = useSearchParams()
  const { state, location } = useNavigation()
  const { pathname: here, key } = useLocation()
  // Not a navigation: that would put an error in place of the page where no answer comes. What was not answered is told until there is a next page.
  const finding = useFetcher<Unanswered>({ key: `find ${key}` })
  const sought = finding.state === 'idle' ? (finding.data ?? null) : null
  const busy = state !== 'idle' || finding.state !== 'idle'
  const { id, name, connected, status, eventId, preview } = page
  const settings = `/app/vendors/${id}`
  const chosen = location?.pathname === here ? chosenBy(new URLSearchParams(location.search), page) : null
  const choose = (asked: Asked) =>
    // Drawn before the key that is pressed next, which goes on from what was chosen.
    setQuery(queryOf(asked), { preventScrollReset: true, flushSync: true })
  const find = (asked: Asked) =>
    finding.submit(
      { ...Object.fromEntries(queryOf(asked)), intent: 'find' },
      { method: 'post', action: here, preventScrollReset: true },
    )
  return (
    <Page
      title={t('preview.title')}
      subtitle={t('preview.subtitle', { name })}
      backAction={{ content: name, url: settings }}
      secondaryActions={[{ content: t('syncs.open'), url: `${settings}/syncs` }]}
    >
      <BlockStack gap="400">
        {!connected && <Banner tone="info">{t('preview.notConnected', { name })}</Banner>}
        <Stands name={name} status={status} sent={preview.made.kind === 'sent'} settings={settings} />
        <Columns widths={['oneThird', 'twoThirds']}>
          <BlockStack gap="400">
            <Choose
              page={{ ...page, ...chosen }}
              busy={busy}
              unanswered={sought}
              onChoose={choose}
              onFind={find}
            />
            <Person page={page} />
          </BlockStack>
          <div aria-busy={busy} aria-live="polite" style={{ opacity: busy ? 0.5 : 1 }}>
            <Result
              name={name}
              preview={preview}
              note={t(eventId === null ? 'preview.invented' : 'preview.masked')}
              settings={settings}
            />
          </div>
        </Columns>
      </BlockStack>
    </Page>
  )
}

const queryOf = ({ event, ...asked }: Asked): [string, string][] =>
  Object.entries({ ...asked, event: event === null ? SAMPLE : event }).flatMap(([name, value]) =>
    value ? [[name, value]] : [],
  )

/** What was chosen is shown at once, not as it was until its page has come. */
function chosenBy(query: URLSearchParams, { types, type }: PreviewPage) {
  const event = query.get('event')
  return {
    type: types.find(each => each === query.get('type')) ?? type,
    eventId: event === SAMPLE ? null : event,
    isOpen: event === null,
  }
}

export function ErrorBoundary() {
  const { t } = useTranslation()
  const back = { content: t('vendors.title'), url: '/app/vendors' }
  return <Missing title={t('preview.missing.title')} help={t('preview.missing.help')} back={back} />
}
