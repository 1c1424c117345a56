import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useFetcher, useLoaderData } from '@remix-run/react'
import { Banner, BlockStack, Page, SkeletonBodyText } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import type { KeyUse } from '../runtime/support-keys.ts'
import { orFailed, unlessUnanswered } from '../ui/answered.ts'
import { orKept, useKept } from '../ui/kept-page.ts'
import { Part } from '../ui/part.tsx'
import { KeyColumns } from '../ui/support/keys/columns.tsx'
import { goingText } from '../ui/support/keys/left.ts'
import { KeyList } from '../ui/support/keys/list.tsx'
import { Rotate } from '../ui/support/keys/rotate.tsx'
import { consoleTitle } from '../ui/support/texts.ts'
import { useOnce } from '../ui/told-once.ts'

export const meta: MetaFunction = () => consoleTitle('keys')

const formSchema = z.object({ intent: z.literal('rotate'), going: goingText.optional() })

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { support } = context.services
  return support.keys.list(await support.enter(request, 'admin'))
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request, 'admin')
  const { success, data } = formSchema.safeParse(Object.fromEntries(await request.formData()))
  if (!success) throw new Response(null, { status: 400 })
  return support.keys.rotate(staff, data.going ?? null)
}

export const clientAction = orFailed<Awaited<ReturnType<typeof action>>>

export const clientLoader = orKept<Awaited<ReturnType<typeof loader>>>
export const shouldRevalidate = unlessUnanswered

export default function KeysPage() {
  const ids = useLoaderData<typeof loader>()
  useKept(ids)
  const { t } = useTranslation()
  const counting = useFetcher<KeyUse[] | 'away'>()
  const count = () => counting.load('/support/keys/count')
  useOnce(count)
  const isAway = counting.data === 'away'
  const uses = counting.data === undefined || counting.data === 'away' ? null : counting.data
  return (
    <Page title={t('support.keys.title')} subtitle={t('support.keys.help')}>
      <BlockStack gap="400">
        <KeyList ids={ids} uses={uses} />
        <Rotate first={ids.first} uses={uses} onThrough={count} />
        <div aria-live="polite" aria-busy={counting.state !== 'idle'}>
          {uses && <KeyColumns uses={uses} />}
          {!uses && !isAway && (
            <Part title={t('support.keys.counting')}>
              <SkeletonBodyText lines={4} />
            </Part>
          )}
          {isAway && (
            <Banner tone="warning" action={{ content: t('support.keys.again'), onAction: count }}>
              <p>{t('support.keys.away')}</p>
            </Banner>
          )}
        </div>
      </BlockStack>
    </Page>
  )
}
