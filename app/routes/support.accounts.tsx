import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useFetcher, useLoaderData } from '@remix-run/react'
import { BlockStack, Page } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { orFailed, unlessUnanswered } from '../ui/answered.ts'
import { orKept, useKept } from '../ui/kept-page.ts'
import { AddAccount } from '../ui/support/accounts/add.tsx'
import { Accounts } from '../ui/support/accounts/list.tsx'
import { Told } from '../ui/support/accounts/told.tsx'
import { consoleTitle } from '../ui/support/texts.ts'
import { text } from '../ui/text.server.ts'
import { useToldOnce } from '../ui/told-once.ts'

export const meta: MetaFunction = () => consoleTitle('accounts')

const formSchema = z.object({
  change: z.enum(['add', 'role', 'disable', 'enable', 'reset', 'end', 'unlock']),
  email: text.max(1_000),
  role: z.string().optional(),
})

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request, 'admin')
  return { accounts: await support.accounts.list(staff) }
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request, 'admin')
  const { success, data } = formSchema.safeParse(Object.fromEntries(await request.formData()))
  if (!success) throw new Response(null, { status: 400 })
  return support.accounts.change(staff, data.change, data.email, data.role ?? '')
}

export type Answer = Awaited<ReturnType<typeof action>> | { kind: 'failed' }

export const clientAction = orFailed<Awaited<ReturnType<typeof action>>>

export const clientLoader = orKept<Awaited<ReturnType<typeof loader>>>
export const shouldRevalidate = unlessUnanswered

export default function AccountsPage() {
  const given = useLoaderData<typeof loader>()
  const { accounts } = given
  useKept(given)
  const { t } = useTranslation()
  const fetcher = useFetcher<Answer>()
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [added, setAdded] = useState(0)
  useToldOnce(fetcher, data => {
    setAnswer(data)
    if (data.kind === 'given') setAdded(before => before + 1)
  })
  const shared = {
    busy: fetcher.state !== 'idle',
    submit: (change: string, email: string, role = '') => {
      setAnswer(null)
      fetcher.submit({ change, email, role }, { method: 'post' })
    },
  }
  return (
    <Page title={t('support.accounts.title')} subtitle={t('support.accounts.help')}>
      <BlockStack gap="400">
        <Told answer={answer} dismiss={() => setAnswer(null)} />
        <AddAccount key={added} {...shared} />
        <Accounts accounts={accounts} {...shared} />
      </BlockStack>
    </Page>
  )
}
