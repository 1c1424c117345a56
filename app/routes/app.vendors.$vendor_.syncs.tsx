import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { Banner, BlockStack, Box, Page } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { Columns } from '../ui/columns.tsx'
import { Missing } from '../ui/frame/missing.tsx'
import { Around } from '../ui/syncs/around.tsx'
import { SyncRows } from '../ui/syncs/rows.tsx'
import { Stands } from '../ui/vendors/stands.tsx'
import { titleOf } from '../ui/vendors/title.ts'

export const meta: MetaFunction = titleOf

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const page = await merchant.preview.syncs(shop, params.vendor ?? '')
  if (!page) throw new Response(null, { status: 404 })
  return page
}

export default function SyncsPage() {
  const page = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const { id, name, connected, status } = page
  const vendor = `/app/vendors/${id}`
  return (
    <Page
      title={t('syncs.title')}
      subtitle={t('syncs.subtitle', { name })}
      backAction={{ content: name, url: vendor }}
      secondaryActions={[{ content: t('preview.open'), url: `${vendor}/preview` }]}
    >
      <Columns widths={['twoThirds', 'oneThird']}>
        <BlockStack gap="400">
          <Stands name={name} status={status} sent={false} settings={vendor} />
          {/* Polaris sets a banner that follows another one further apart. */}
          <Box>
            <Banner tone="info">{connected ? t('syncs.made') : t('preview.notConnected', { name })}</Banner>
          </Box>
          <SyncRows page={page} />
        </BlockStack>
        <Around page={page} />
      </Columns>
    </Page>
  )
}

export function ErrorBoundary() {
  const { t } = useTranslation()
  const back = { content: t('vendors.title'), url: '/app/vendors' }
  return <Missing title={t('vendors.missing.title')} help={t('vendors.missing.help')} back={back} />
}
