import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useLoaderData, useNavigation } from '@remix-run/react'
import { InlineGrid, Page } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { KeptNote } from '../ui/kept-note.tsx'
import { orKept, useKept } from '../ui/kept-page.ts'
import { VendorSummary } from '../ui/vendors/card.tsx'
import { useTestSaved } from '../ui/vendors/test-saved.ts'
import { titleOf } from '../ui/vendors/title.ts'
import { SELDOM_MS, useWatch } from '../ui/watch.ts'

export const meta: MetaFunction = titleOf

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  return { cards: await merchant.connections.list(shop) }
}

export const clientLoader = orKept<Awaited<ReturnType<typeof loader>>>

export default function Vendors() {
  const given = useLoaderData<typeof clientLoader>()
  const { cards } = given
  useKept(given)
  useWatch(
    cards.some(({ status }) => status.kind !== 'none'),
    SELDOM_MS,
  )
  const { t } = useTranslation()
  const tests = useTestSaved()
  const busy = useNavigation().state !== 'idle'
  return (
    <Page title={t('vendors.title')} subtitle={t('vendors.subtitle')}>
      <div aria-busy={busy} style={{ opacity: busy ? 0.5 : 1 }}>
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
          {cards.map(card => (
            <VendorSummary key={card.id} card={card} tests={tests} />
          ))}
        </InlineGrid>
      </div>
      <KeptNote kept={given.kept} />
    </Page>
  )
}
