import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { Badge, BlockStack, Card, DataTable, Layout, Page, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { titled } from '../ui/title.ts'

export const meta: MetaFunction = titled('home')

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const vendors = await merchant.vendors(shop)
  return {
    shop: shop.name ?? shop.domain,
    vendors: vendors.map(({ id, name, lane }) => ({
      id,
      name,
      status: statusOf(lane),
      waiting: lane ? lane.pending + lane.retry + lane.waiting : 0,
      held: lane?.held ?? 0,
      failed: lane?.dead ?? 0,
    })),
  }
}

type Lane = { enabled: boolean; attention: string | null; rests: unknown } | null

function statusOf(lane: Lane): 'none' | 'attention' | 'off' | 'rests' | 'on' {
  if (!lane) return 'none'
  if (lane.attention) return 'attention'
  if (!lane.enabled) return 'off'
  return lane.rests ? 'rests' : 'on'
}

const TONES = {
  none: undefined,
  attention: 'critical',
  off: undefined,
  rests: 'warning',
  on: 'success',
} as const

export default function Home() {
  const { shop, vendors } = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const rows = vendors.map(({ id, name, status, waiting, held, failed }) => [
    name,
    <Badge key={id} tone={TONES[status]}>
      {t(`vendors.status.${status}`)}
    </Badge>,
    waiting,
    held,
    failed,
  ])
  return (
    <Page title={t('home.title')} subtitle={shop}>
      <Layout>
        <Layout.Section>
          <Card>
            <BlockStack gap="300">
              <Text as="h2" variant="headingMd">
                {t('home.lanes')}
              </Text>
              <DataTable
                columnContentTypes={['text', 'text', 'numeric', 'numeric', 'numeric']}
                headings={[
                  t('home.vendor'),
                  t('home.status'),
                  t('home.waiting'),
                  t('home.held'),
                  t('home.failed'),
                ]}
                rows={rows}
              />
            </BlockStack>
          </Card>
        </Layout.Section>
      </Layout>
    </Page>
  )
}
