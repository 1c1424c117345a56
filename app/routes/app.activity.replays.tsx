import type { LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { BlockStack, InlineStack, Page, Pagination } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { KeptReplays } from '../ui/activity/kept-replays.tsx'
import { placeBy } from '../ui/activity/search.server.ts'
import { titleOf } from '../ui/activity/title.ts'
import { MERCHANT_AT, REPLAYS_AT } from '../ui/activity/words.ts'
import { Nothing } from '../ui/nothing.tsx'

export const meta = titleOf

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const before = placeBy(new URL(request.url).searchParams)
  return {
    vendors: merchant.activity.vendors,
    first: before === null,
    ...(await merchant.activity.replays(shop, before)),
  }
}

export default function Replays() {
  const { replays, vendors, older, first } = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  return (
    <Page
      title={t('activity.replays.title')}
      subtitle={t('activity.replays.help')}
      backAction={{ content: t('activity.title'), url: MERCHANT_AT }}
    >
      <BlockStack gap="400">
        {replays.length > 0 ? (
          <KeptReplays replays={replays} vendors={vendors} />
        ) : (
          <Nothing title={t('activity.replays.empty')} help={t('activity.replays.emptyHelp')} />
        )}
        {(older || !first) && (
          <InlineStack align="center">
            <Pagination
              accessibilityLabel={t('activity.replays.pages')}
              hasPrevious={!first}
              previousURL={REPLAYS_AT}
              previousTooltip={t('activity.newestFirst')}
              hasNext={older !== null}
              {...(older && { nextURL: `${REPLAYS_AT}?${new URLSearchParams({ before: older })}` })}
              nextTooltip={t('activity.older')}
            />
          </InlineStack>
        )}
      </BlockStack>
    </Page>
  )
}
