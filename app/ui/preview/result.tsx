import { BlockStack, Card, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownPreview } from '../../runtime/merchant-preview.ts'
import { Fields } from './fields.tsx'
import { Made } from './made.tsx'
import { useFact } from './words.ts'

/** `note`: said of the requests. `settings`: where the vendor is set up; null: the page is that already. */
type Props = { name: string; preview: ShownPreview; note: string; settings: string | null }

/** What would be sent, what else after an answer, and each field of the event. */
export function Result({ name, preview: { made, otherwise, fields }, note, settings }: Props) {
  const { t } = useTranslation()
  const told = useFact()
  return (
    <BlockStack gap="400">
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">
            {t(
              made.kind === 'sent'
                ? 'preview.sent'
                : made.kind === 'waits'
                  ? 'preview.waits'
                  : 'preview.notSent',
            )}
          </Text>
          {made.kind === 'sent' && (
            <Text as="p" tone="subdued">
              {note}
            </Text>
          )}
          <Made name={name} made={made} settings={settings} />
        </BlockStack>
      </Card>
      {otherwise.map(({ fact, made: other }) => (
        <Card key={fact}>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              {told(fact, name)}
            </Text>
            <Made name={name} made={other} settings={settings} about={told(fact, name)} />
          </BlockStack>
        </Card>
      ))}
      {fields.length > 0 && (
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              {t('preview.fields')}
            </Text>
            <Fields name={name} fields={fields} level="h3" settings={settings} />
          </BlockStack>
        </Card>
      )}
    </BlockStack>
  )
}
