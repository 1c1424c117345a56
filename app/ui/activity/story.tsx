import { BlockStack, Card, DescriptionList, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownStory } from '../../runtime/merchant-activity.ts'
import { JsonText } from './json-text.tsx'
import { useTime, useWord } from './words.ts'

/** What came in, what it was translated into, whether it was allowed, and who it was. */
export function EventStory({ event, receipt }: Pick<ShownStory, 'event' | 'receipt'>) {
  const { t } = useTranslation()
  const word = useWord()
  const time = useTime()
  const { actor } = event
  const answer = (value: boolean | null) =>
    value === null ? t('activity.unknown') : value ? t('activity.yes') : t('activity.no')
  const who = [
    actor.customerId && t('activity.story.customer', { id: actor.customerId }),
    actor.email,
    actor.phone,
    actor.visitorId && t('activity.story.visitor', { id: actor.visitorId }),
  ].filter(part => part)
  const received = [
    { term: t('activity.story.source'), description: word('source', event.source) ?? event.source },
    ...(receipt ? [{ term: t('activity.story.notice'), description: receipt.topic }] : []),
    { term: t('activity.story.happened'), description: time(event.occurredAt) },
    { term: t('activity.story.receivedAt'), description: time(event.receivedAt) },
  ]
  const consent = [
    { term: t('activity.story.analytics'), description: answer(actor.consent.analytics) },
    { term: t('activity.story.marketing'), description: answer(actor.consent.marketing) },
    { term: t('activity.story.acceptsMarketing'), description: answer(actor.acceptsMarketing) },
  ]
  return (
    <>
      <Part title={t('activity.story.received')}>
        <DescriptionList gap="tight" items={received} />
      </Part>
      <Part title={t('activity.story.translated')}>
        <Text as="p">
          {t('activity.story.becomes', { type: word('type', event.type) ?? event.type })}
          {event.subject ? ` ${t('activity.story.stateOf', { subject: event.subject })}` : ''}
        </Text>
        <JsonText label={t('activity.story.data')} text={event.data} />
      </Part>
      <Part title={t('activity.story.consent')}>
        <DescriptionList gap="tight" items={consent} />
      </Part>
      <Part title={t('activity.story.identity')}>
        {who.length === 0 ? (
          <Text as="p" tone="subdued">
            {t('activity.story.nobody')}
          </Text>
        ) : (
          <InlineStack gap="300">
            {who.map(part => (
              <Text key={part} as="span" breakWord>
                {part}
              </Text>
            ))}
          </InlineStack>
        )}
      </Part>
    </>
  )
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Card>
      <BlockStack gap="200">
        <Text as="h2" variant="headingMd">
          {title}
        </Text>
        {children}
      </BlockStack>
    </Card>
  )
}
