import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { BlockStack, InlineGrid, Page, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownVendor } from '../runtime/support-fleet.ts'
import { atLeast } from '../support/roles.ts'
import { Facts } from '../ui/activity/facts.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { Part } from '../ui/part.tsx'
import { Counted } from '../ui/support/fleet/vendor/as-of.tsx'
import { FleetDays } from '../ui/support/fleet/vendor/days.tsx'
import { FleetFailures } from '../ui/support/fleet/vendor/failures.tsx'
import { Stops } from '../ui/support/fleet/vendor/stops.tsx'
import { Acts, Shops, useDeliveryFacts } from '../ui/support/fleet/vendor-parts.tsx'
import { consoleTitle } from '../ui/support/texts.ts'

export const meta: MetaFunction<typeof loader> = ({ data }) => consoleTitle('fleet', data?.page.name)

/** @throws Response 404 for a vendor that there is not */
export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  const page = await support.fleet.vendor(staff, params.vendor ?? '')
  if (!page) throw new Response(null, { status: 404 })
  return { page, mayAct: atLeast(staff.role, 'agent') }
}

/** Nothing waits or is held, and nothing was delivered or failed of late. */
const isIdle = ({ waiting, held, delivered, failed }: ShownVendor) =>
  waiting + held + delivered + failed === 0

export default function FleetVendorPage() {
  const { page, mayAct } = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const facts = useDeliveryFacts()
  const { name, countedUntil, vendor } = page
  return (
    <Page
      title={name}
      backAction={{ content: t('support.fleet.back'), url: '/support/fleet' }}
      {...(vendor && mayAct && { secondaryActions: <Acts vendor={vendor} /> })}
    >
      {vendor ? (
        <BlockStack gap="400">
          <Stops page={page} mayAct={mayAct} />
          <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
            <Part title={t('support.vendor.shops')}>
              <Counted until={countedUntil} />
              <Shops vendor={vendor} />
            </Part>
            <Part title={t('support.vendor.deliveries')}>
              <Counted until={countedUntil} />
              {isIdle(vendor) ? (
                <Text as="p">{t('support.vendor.noDeliveries')}</Text>
              ) : (
                <Facts facts={facts(vendor)} />
              )}
              <Text as="p" variant="bodySm" tone="subdued">
                {t('support.vendor.deliveriesHelp')}
              </Text>
            </Part>
          </InlineGrid>
          <FleetFailures page={page} />
          <FleetDays days={page.days} until={page.daysUntil} />
        </BlockStack>
      ) : (
        <Nothing title={t('support.vendor.none.title')} help={t('support.vendor.none.help')} />
      )}
    </Page>
  )
}
