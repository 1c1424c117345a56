/** What both ways to sign in stand in: a title, what to do, and why nobody was signed in. */
import { Banner, BlockStack, Card, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

type Props = {
  help: string
  /** Null: nothing has gone wrong. */
  trouble: string | null
  /** Whether this browser was signed in until its session ended. */
  ended: boolean
  children: ReactNode
}

export function SignInCard({ help, trouble, ended, children }: Props) {
  const { t } = useTranslation()
  return (
    <main style={{ maxWidth: '26rem', margin: '0 auto', padding: '2rem 1rem' }}>
      <Card>
        <BlockStack gap="400">
          <BlockStack gap="100">
            <Text as="h1" variant="headingLg">
              {t('support.signIn.title')}
            </Text>
            <Text as="p" tone="subdued">
              {help}
            </Text>
          </BlockStack>
          <div role="alert">
            {ended && trouble === null && (
              <Banner tone="info">
                <p>{t('support.signIn.ended')}</p>
              </Banner>
            )}
            {trouble !== null && (
              <Banner tone="critical">
                <p>{trouble}</p>
              </Banner>
            )}
          </div>
          {children}
        </BlockStack>
      </Card>
    </main>
  )
}
