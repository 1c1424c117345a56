import { BlockStack, Card, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { PreviewPage } from '../../runtime/merchant-preview.ts'
import { Facts } from '../activity/facts.tsx'
import { useNeeds } from '../activity/needs.ts'

type Props = { page: Pick<PreviewPage, 'name' | 'person' | 'visited' | 'needs'> }

/** What was allowed and what the vendor needs, and who it is. */
export function Person({ page: { name, person, visited, needs } }: Props) {
  const { t } = useTranslation()
  const needed = useNeeds()
  const answer = (value: boolean | null) =>
    value === null ? t('activity.unknown') : value ? t('activity.yes') : t('activity.no')
  const who = [
    person.customerId && t('activity.story.customer', { id: person.customerId }),
    person.email,
    person.phone,
    person.visitorId && t('activity.story.visitor', { id: person.visitorId }),
  ].filter(part => part)
  return (
    <Card>
      <BlockStack gap="200">
        <Text as="h2" variant="headingMd">
          {t('preview.person')}
        </Text>
        <Text as="p">
          {needed(name, needs, visited)}
          {needs.length === 0 && ` ${t('preview.needsFields')}`}
        </Text>
        <Facts
          facts={[
            { name: t('activity.story.analytics'), value: answer(person.consent.analytics) },
            { name: t('activity.story.marketing'), value: answer(person.consent.marketing) },
            { name: t('activity.story.acceptsMarketing'), value: answer(person.acceptsMarketing) },
          ]}
        />
        <Text as="p" breakWord>
          {who.length === 0 ? t('preview.nobody') : who.join(' · ')}
        </Text>
      </BlockStack>
    </Card>
  )
}
