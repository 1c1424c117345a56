/** What a page shows in place of itself when it failed: what is wrong, and what to do. */
import { isRouteErrorResponse, useNavigate, useRevalidator, useRouteError } from '@remix-run/react'
import { BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { type Why, whyOf } from '../answered.ts'
import { WhomToAsk } from '../vendors/held.tsx'
import { PlainPage } from './plain-page.tsx'

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
    <PlainPage title={t(`frame.${kind}.title`)} told>
      <Card>
        <BlockStack gap="300">
          <Text as="p">{t(`frame.${kind}.help`)}</Text>
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
    </PlainPage>
  )
}
