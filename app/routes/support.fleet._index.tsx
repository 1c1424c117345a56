import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useFetcher, useLoaderData, useLocation } from '@remix-run/react'
import { BlockStack, Page } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { orFailed, unlessUnanswered } from '../ui/answered.ts'
import { Actions } from '../ui/support/fleet/actions.tsx'
import { Ask } from '../ui/support/fleet/ask.tsx'
import { Refusal } from '../ui/support/fleet/refusal.tsx'
import { Vendors } from '../ui/support/fleet/vendors.tsx'
import { SAID_MERCHANT_READS } from '../ui/support/reason.ts'
import { saidMerchantReads } from '../ui/support/shop/asked.server.ts'
import { consoleTitle } from '../ui/support/texts.ts'

/** Holds and releases that are listed. */
const LISTED = 50

export const meta: MetaFunction = () => consoleTitle('fleet')

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  const mayAct = staff.role !== 'viewer'
  const asked = mayAct ? support.fleet.asked(new URL(request.url).searchParams) : null
  const [vendors, actions, ask] = await Promise.all([
    support.fleet.vendors(staff),
    support.fleet.actions(staff, LISTED),
    asked &&
      Promise.all([support.fleet.preview(staff, asked), support.fleet.reasons(staff, asked.vendor)]).then(
        ([preview, reasons]) => ({
          ...{ asked, preview, reasons },
          vendorName: support.fleet.nameOf(asked.vendor) ?? asked.vendor,
        }),
      ),
  ])
  return { mayAct, vendors, actions, ask }
}

/** @throws Response: a redirect to what has begun */
export async function action({ request, context }: ActionFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request, 'agent')
  const form = await request.formData()
  const asked = support.fleet.asked(form)
  if (!asked) throw new Response(null, { status: 400 })
  const until = form.get('until')
  const begun = await support.fleet.begin(staff, {
    ...asked,
    reason: String(form.get('reason') ?? ''),
    merchantReads: saidMerchantReads(form),
    // Given without a zone it is in UTC, as all that is shown.
    until: until ? new Date(`${until}Z`) : null,
  })
  if (begun.kind === 'refused') return begun
  throw redirect(`/support/fleet/${begun.id}`)
}

type Answer = Awaited<ReturnType<typeof action>> | { kind: 'failed' }

export const clientAction = orFailed<Awaited<ReturnType<typeof action>>>

export const shouldRevalidate = unlessUnanswered

export default function FleetPage() {
  const { mayAct, vendors, actions, ask } = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const { search } = useLocation()
  const fetcher = useFetcher<Answer>()
  const answer = fetcher.state === 'idle' ? fetcher.data : null
  return (
    <Page title={t('support.fleet.title')} subtitle={t('support.fleet.help')}>
      <BlockStack gap="400">
        <Refusal answer={answer ?? null} />
        {ask && (
          <Ask
            key={`${ask.asked.kind}:${ask.asked.vendor}`}
            {...ask}
            busy={fetcher.state !== 'idle'}
            submit={(reason, until) => {
              const form = new FormData()
              for (const [name, value] of new URLSearchParams(search)) form.append(name, value)
              form.append('reason', reason)
              form.append('merchantReads', SAID_MERCHANT_READS.merchantReads)
              form.append('until', until)
              fetcher.submit(form, { method: 'post', action: '/support/fleet?index' })
            }}
          />
        )}
        <Vendors vendors={vendors} mayAct={mayAct} />
        <Actions actions={actions} />
      </BlockStack>
    </Page>
  )
}
