import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useLoaderData, useLocation, useNavigation } from '@remix-run/react'
import { Banner, BlockStack, Box, Button, InlineStack, Page, Pagination, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { atLeast } from '../support/roles.ts'
import { Nothing } from '../ui/nothing.tsx'
import { AuditEntries } from '../ui/support/audit/entries.tsx'
import { AuditFilters } from '../ui/support/audit/filters.tsx'
import { askedOf } from '../ui/support/audit/search.server.ts'
import { consoleTitle } from '../ui/support/texts.ts'
import { useTime } from '../ui/times.ts'

export const meta: MetaFunction = () => consoleTitle('audit')

/** Of texts between cards, which have no margin of their own on a phone. */
const EDGE = { xs: '400', sm: '0' } as const

/** Of what cannot be read nothing is found. */
const NOTHING = { entries: [], newer: null, older: null, lookedBackTo: null }

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  const { actions, vendors } = support.audit
  const { texts, filter, place, wrong } = askedOf(new URL(request.url).searchParams, actions)
  return {
    texts,
    wrong,
    actions,
    vendors,
    mayTake: atLeast(staff.role, 'admin'),
    towards: place && 'after' in place ? ('newer' as const) : ('older' as const),
    ...(await support.audit.page(staff, filter, place)),
    ...(wrong.length > 0 && NOTHING),
  }
}

export default function AuditPage() {
  const { texts, wrong, entries, newer, older, lookedBackTo, towards, mayTake, withoutEachShop, ...choices } =
    useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const time = useTime()
  const navigation = useNavigation()
  const { search } = useLocation()
  const busy = navigation.state !== 'idle'
  const asked = Object.fromEntries(Object.entries(texts).filter(([, value]) => value))
  const found = entries.length > 0 ? towards : (`${towards}None` as const)
  const further = towards === 'newer' ? newer : older
  const addressAt = (place: object) => `/support/audit?${new URLSearchParams({ ...asked, ...place })}`
  return (
    <Page title={t('support.audit.title')} subtitle={t('support.audit.help')}>
      <BlockStack gap="400">
        <AuditFilters key={search} texts={texts} wrong={wrong} busy={busy} {...choices} />
        <div aria-busy={busy} style={{ opacity: busy ? 0.5 : 1 }}>
          <BlockStack gap="400">
            {withoutEachShop && (
              <Box paddingInline={EDGE}>
                <Text as="p" tone="subdued">
                  {t('support.audit.withoutEachShop')}
                </Text>
              </Box>
            )}
            {entries.length > 0 && <AuditEntries entries={entries} />}
            {lookedBackTo && (
              <Banner
                title={t('support.audit.ended.title')}
                {...(further && {
                  action: {
                    content: t(`support.audit.ended.${towards === 'newer' ? 'goOnNewer' : 'goOnOlder'}`),
                    url: addressAt(further),
                  },
                })}
              >
                <p>{t(`support.audit.ended.${found}`, { time: time(lookedBackTo) })}</p>
              </Banner>
            )}
            {entries.length === 0 && !lookedBackTo && (
              <Nothing help={t(wrong.length > 0 ? 'support.audit.wrong' : 'support.audit.nothing')} />
            )}
            {(newer || older) && (
              <InlineStack align="center" gap="300" blockAlign="center">
                <Pagination
                  accessibilityLabel={t('support.audit.pages')}
                  hasPrevious={newer !== null}
                  {...(newer && { previousURL: addressAt(newer) })}
                  previousTooltip={t('support.audit.newer')}
                  hasNext={older !== null}
                  {...(older && { nextURL: addressAt(older) })}
                  nextTooltip={t('support.audit.older')}
                />
                <Text as="span" tone="subdued">
                  {t('support.audit.newestFirst')}
                </Text>
              </InlineStack>
            )}
            {mayTake && wrong.length === 0 && (
              <Box paddingInline={EDGE}>
                <InlineStack gap="200" blockAlign="center">
                  <Button url={`/support/audit/export?${new URLSearchParams(asked)}`} download>
                    {t('support.audit.export')}
                  </Button>
                  <Text as="span" tone="subdued">
                    {[
                      t('support.audit.exportHelp'),
                      t(`support.audit.exportHolds.${withoutEachShop ? 'without' : 'all'}`),
                    ].join(' ')}
                  </Text>
                </InlineStack>
              </Box>
            )}
          </BlockStack>
        </div>
      </BlockStack>
    </Page>
  )
}
