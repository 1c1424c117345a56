import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useLoaderData, useNavigation } from '@remix-run/react'
import { BlockStack, Box, InlineStack, Page, Pagination, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { Deeds } from '../ui/deeds/list.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { titled } from '../ui/title.ts'
import { WhomToAsk } from '../ui/vendors/held.tsx'

export const meta: MetaFunction = titled('deeds')

const id = z.string().regex(/^\d{1,18}$/)
const placeSchema = z.union([z.object({ before: id }), z.object({ after: id })])

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const asked = placeSchema.safeParse(Object.fromEntries(new URL(request.url).searchParams))
  return merchant.deeds.deeds(shop, asked.data ?? null)
}

export default function DeedsPage() {
  const { deeds, newer, older } = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const busy = useNavigation().state !== 'idle'
  const addressAt = (place: object) => `/app/support?${new URLSearchParams({ ...place })}`
  return (
    <Page
      title={t('deeds.title')}
      backAction={{ content: t('settings.title'), url: '/app/settings' }}
      subtitle={t('deeds.help')}
    >
      <div aria-busy={busy} style={{ opacity: busy ? 0.5 : 1 }}>
        <BlockStack gap="400">
          {deeds.length > 0 ? (
            <Deeds deeds={deeds} />
          ) : (
            <Nothing title={t('deeds.empty')} help={t('deeds.emptyHelp')} />
          )}
          <Box paddingInline={{ xs: '400', sm: '0' }}>
            <WhomToAsk />
          </Box>
          {(newer || older) && (
            <InlineStack align="center" gap="300" blockAlign="center">
              <Pagination
                accessibilityLabel={t('deeds.pages')}
                hasPrevious={newer !== null}
                {...(newer && { previousURL: addressAt(newer) })}
                previousTooltip={t('deeds.newer')}
                hasNext={older !== null}
                {...(older && { nextURL: addressAt(older) })}
                nextTooltip={t('deeds.older')}
              />
              <Text as="span" tone="subdued">
                {t('deeds.newestFirst')}
              </Text>
            </InlineStack>
          )}
        </BlockStack>
      </div>
    </Page>
  )
}
