/** What a page shows in place of itself when it failed: what is wrong, and what to do. */
import { isRouteErrorResponse, useNavigate, useRevalidator, useRouteError } from '@remix-run/react'
import { BlockStack, Button, Card, InlineStack, Page, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { type Why, whyOf } from '../answered.ts'
import { WhomToAsk } from '../vendors/held.tsx'

/** By the status of the answer; the facade says by it what is away (app/runtime/merchant.ts). */
function kindOf(error: unknown): 'missing' | 'expired' | Why {
  switch (isRouteErrorResponse(error) ? error.status : null) {
    case 404:
      return 'missing'
    case 401:
    case 403:
    case 410:
      return 'expired'
    default:
      return whyOf(error)
  }
}

export function Trouble() {
  const kind = kindOf(useRouteError())
  const { t } = useTranslation()
  const navigate = useNavigate()
  const revalidator = useRevalidator()
  return (
    <Page title={t(`frame.${kind}.title`)}>
      <Card>
        <BlockStack gap="300">
          <div role="alert">
            <Text as="p">{t(`frame.${kind}.help`)}</Text>
          </div>
          {kind === 'failed' && <WhomToAsk />}
          <InlineStack gap="200">
            {kind === 'expired' ? (
              <Button variant="primary" onClick={() => navigate(0)}>
                {t('frame.reload')}
              </Button>
            ) : kind === 'missing' ? (
              <Button variant="primary" url="/app">
                {t('frame.home')}
              </Button>
            ) : (
              <Button
                variant="primary"
                loading={revalidator.state === 'loading'}
                onClick={() => revalidator.revalidate()}
              >
                {t('frame.again')}
              </Button>
            )}
          </InlineStack>
        </BlockStack>
      </Card>
    </Page>
  )
}
