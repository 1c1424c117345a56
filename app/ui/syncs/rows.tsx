import { Badge, BlockStack, Box, Card, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { SyncsPage } from '../../runtime/merchant-preview.ts'
import { useWord } from '../activity/words.ts'
import { useSay } from '../i18n.ts'
import { Fields } from '../preview/fields.tsx'

/** Each kind of event that the vendor takes: what it becomes, what it needs, and where its fields go. */
export function SyncRows({ page: { id, name, rows } }: { page: Pick<SyncsPage, 'id' | 'name' | 'rows'> }) {
  const { t } = useTranslation()
  const word = useWord()
  const say = useSay()
  return (
    <Card>
      <BlockStack gap="200">
        <Text as="h2" variant="headingMd">
          {t('syncs.events')}
        </Text>
        {rows.map(({ type, becomes, on, purposes, unless, fields }) => (
          <Box key={type} paddingBlock="200" borderBlockStartWidth="025" borderColor="border-secondary">
            <BlockStack gap="200">
              <InlineStack align="space-between" gap="200" blockAlign="center">
                <Text as="h3" variant="headingSm">
                  {word('type', type) ?? type}
                </Text>
                <InlineStack gap="100">
                  {unless ? (
                    <Badge>{t(`vendors.events.unless.${unless}`)}</Badge>
                  ) : (
                    purposes.map(purpose => (
                      <Badge key={purpose}>{t(`vendors.events.purpose.${purpose}`)}</Badge>
                    ))
                  )}
                  <Badge tone={on ? 'success' : undefined}>{t(on ? 'syncs.on' : 'syncs.off')}</Badge>
                </InlineStack>
              </InlineStack>
              <Text as="p" tone="subdued" breakWord>
                {t('vendors.events.becomes', { becomes: say(becomes) })}
              </Text>
              <details>
                <summary style={{ cursor: 'pointer' }}>
                  <Text as="span">{t('syncs.fields', { type: word('type', type) ?? type })}</Text>
                </summary>
                <Box paddingBlock="200">
                  <Fields name={name} fields={fields} level="h4" settings={`/app/vendors/${id}`} />
                </Box>
              </details>
            </BlockStack>
          </Box>
        ))}
      </BlockStack>
    </Card>
  )
}
