/** What a page of the console shows in place of itself when it failed: what is wrong, and what to do. */
import { isRouteErrorResponse, useRevalidator, useRouteError } from '@remix-run/react'
import { BlockStack, Button, Card, InlineStack, Page, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'

function kindOf(error: unknown): 'forbidden' | 'missing' | 'away' | 'failed' {
  if (!isRouteErrorResponse(error)) return 'failed'
  if (error.status === 403) return 'forbidden'
  if (error.status === 404) return 'missing'
  return error.status === 503 ? 'away' : 'failed'
}

export function ConsoleTrouble() {
  const kind = kindOf(useRouteError())
  const { t } = useTranslation()
  const { state, revalidate } = useRevalidator()
  const isLasting = kind === 'forbidden' || kind === 'missing'
  return (
    <Page title={t(`support.frame.${kind}.title`)}>
      <Card>
        <BlockStack gap="300">
          <div role="alert">
            <Text as="p">{t(`support.frame.${kind}.help`)}</Text>
          </div>
          <InlineStack>
            {isLasting ? (
              <Button variant="primary" url="/support">
                {t('support.frame.home')}
              </Button>
            ) : (
              <Button variant="primary" loading={state === 'loading'} onClick={revalidate}>
                {t('support.frame.again')}
              </Button>
            )}
          </InlineStack>
        </BlockStack>
      </Card>
    </Page>
  )
}
