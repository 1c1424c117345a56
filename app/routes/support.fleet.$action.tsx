import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useFetcher, useLoaderData, useRevalidator } from '@remix-run/react'
import { BlockStack, Page } from '@shopify/polaris'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { orFailed, unlessUnanswered } from '../ui/answered.ts'
import { About, Progress } from '../ui/support/fleet/action.tsx'
import type { Answer } from '../ui/support/fleet/refusal.tsx'
import { consoleTitle } from '../ui/support/texts.ts'

/** How often a page looks how far it is. */
const LOOK_MS = 1_000

export const meta: MetaFunction<typeof loader> = ({ data }) => consoleTitle('fleet', data?.found.vendorName)

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  const found = await support.fleet.action(staff, params.action ?? '')
  if (!found) throw new Response(null, { status: 404 })
  return { found, mayAct: staff.role !== 'viewer' }
}

export async function action({ request, context, params }: ActionFunctionArgs): Promise<Answer> {
  const { support } = context.services
  const staff = await support.enter(request, 'agent')
  const change = (await request.formData()).get('change')
  if (change !== 'stop' && change !== 'resume') throw new Response(null, { status: 400 })
  return support.fleet[change](staff, params.action ?? '')
}

export const clientAction = orFailed<Awaited<ReturnType<typeof action>>>

export const shouldRevalidate = unlessUnanswered

export default function FleetActionPage() {
  const { found, mayAct } = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const fetcher = useFetcher<Answer>()
  const { state, revalidate } = useRevalidator()
  useEffect(() => {
    if (found.state !== 'running' || state !== 'idle') return
    const look = setTimeout(revalidate, LOOK_MS)
    return () => clearTimeout(look)
  }, [found.state, state, revalidate])
  return (
    <Page
      title={t(`support.fleet.actionTitle.${found.kind}`, { vendor: found.vendorName })}
      backAction={{ content: t('support.fleet.back'), url: '/support/fleet' }}
    >
      <BlockStack gap="400">
        <Progress
          action={found}
          mayAct={mayAct}
          busy={fetcher.state !== 'idle'}
          answer={fetcher.data ?? null}
          turn={change => fetcher.submit({ change }, { method: 'post' })}
        />
        <About action={found} />
      </BlockStack>
    </Page>
  )
}
