/** What a page of the console shows in place of itself when it failed: what is wrong, and what to do. */
import { isRouteErrorResponse, useRevalidator, useRouteError } from '@remix-run/react'
import { BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { type Why, whyOf } from '../answered.ts'
import { PlainPage } from '../frame/plain-page.tsx'

function kindOf(error: unknown): 'forbidden' | 'missing' | Exclude<Why, 'shopify'> {
  const status = isRouteErrorResponse(error) ? error.status : null
  if (status === 403) return 'forbidden'
  if (status === 404) return 'missing'
  const why = whyOf(error)
  // The console asks Shopify for nothing.
  return why === 'shopify' ? 'failed' : why
}

export function ConsoleTrouble() {
  const kind = kindOf(useRouteError())
  const { t } = useTranslation()
  const { state, revalidate } = useRevalidator()
  const isLasting = kind === 'forbidden' || kind === 'missing'
  return (
    <PlainPage title={t(`support.frame.${kind}.title`)} told>
      <Card>
        <BlockStack gap="300">
          <Text as="p">{t(`support.frame.${kind}.help`)}</Text>
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
    </PlainPage>
  )
}
