/** What came of a change, and once what a person needs to sign in. */
import { Banner, BlockStack, Box, Button, Card, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { Changed, ShownGiven } from '../../../runtime/support-accounts.ts'

type Props = { answer: Changed | { kind: 'failed' } | null; dismiss(): void }

export function Told({ answer, dismiss }: Props) {
  const { t } = useTranslation()
  return (
    <div aria-live="polite">
      {answer?.kind === 'given' && <ToHandOver given={answer.given} done={dismiss} />}
      {answer?.kind === 'done' && (
        <Banner tone="success" onDismiss={dismiss}>
          <p>{t(`support.accounts.did.${answer.change}`, { email: answer.email })}</p>
        </Banner>
      )}
      {answer?.kind === 'refused' && (
        <Banner tone="critical" onDismiss={dismiss}>
          <p>{t(`support.accounts.trouble.${answer.trouble}`, { email: answer.email })}</p>
        </Banner>
      )}
      {answer?.kind === 'failed' && (
        <Banner tone="critical" onDismiss={dismiss}>
          <p>{t('support.accounts.failed')}</p>
        </Banner>
      )}
    </div>
  )
}

function ToHandOver({ given, done }: { given: ShownGiven; done(): void }) {
  const { t } = useTranslation()
  const { email, password, secret, picture } = given
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd" breakWord>
          {t('support.accounts.given.title', { email })}
        </Text>
        <Text as="p">{t('support.accounts.given.once')}</Text>
        <Value label={t('support.accounts.given.password')} value={password} />
        <Value label={t('support.accounts.given.secret')} value={secret} />
        <Text as="p">{t('support.accounts.given.scan')}</Text>
        <Box>
          <img src={picture} width={200} height={200} alt={t('support.accounts.given.picture')} />
        </Box>
        <InlineStack>
          <Button onClick={done}>{t('support.accounts.given.done')}</Button>
        </InlineStack>
      </BlockStack>
    </Card>
  )
}

function Value({ label, value }: { label: string; value: string }) {
  return (
    <BlockStack gap="050">
      <Text as="p" tone="subdued">
        {label}
      </Text>
      <code style={{ overflowWrap: 'anywhere', fontSize: '1rem' }}>{value}</code>
    </BlockStack>
  )
}
