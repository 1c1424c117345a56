import { Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownStory } from '../../runtime/merchant-activity.ts'
import { Part } from '../part.tsx'
import { useTime } from '../times.ts'
import { Facts } from './facts.tsx'
import { JsonText } from './json-text.tsx'
import { Who } from './who.tsx'
import { useMoney, useWord } from './words.ts'

type Props = Pick<
  ShownStory,
  'event' | 'about' | 'receipt' | 'unread' | 'pixelVisitor' | 'isErased' | 'ownWord' | 'identity'
>

/** What came in, what it was translated into, whether it was allowed, and who it was. */
export function EventStory({
  event,
  about,
  receipt,
  unread,
  pixelVisitor,
  isErased,
  ownWord,
  identity,
}: Props) {
  const { t } = useTranslation()
  const word = useWord()
  const time = useTime()
  const money = useMoney()
  const { actor } = event
  const answer = (value: boolean | null) =>
    value === null ? t('activity.unknown') : value ? t('activity.yes') : t('activity.no')
  const byNow =
    identity.kind === 'person' && !ownWord && identity.acceptsMarketing !== actor.acceptsMarketing
      ? identity.acceptsMarketing
      : null
  const { amount } = event
  const received = [
    { name: t('activity.story.source'), value: word('source', event.source) ?? event.source },
    ...(receipt ? [{ name: t('activity.story.notice'), value: receipt.topic }] : []),
    { name: t('activity.story.happened'), value: time(event.occurredAt) },
    { name: t('activity.story.receivedAt'), value: time(event.receivedAt) },
  ]
  const consent = [
    { name: t('activity.story.analytics'), value: answer(actor.consent.analytics) },
    { name: t('activity.story.marketing'), value: answer(actor.consent.marketing) },
    {
      name: t('activity.story.acceptsMarketing'),
      value: isErased ? t('activity.story.erased') : answer(actor.acceptsMarketing),
    },
  ]
  return (
    <>
      <Part title={t('activity.story.received')}>
        <Facts facts={received} />
        {unread && (
          <Text as="p">
            {t('activity.story.unread', { from: time(unread.from), until: time(unread.until) })}
          </Text>
        )}
      </Part>
      <Part title={t('activity.story.translated')}>
        <Text as="p">
          {t('activity.story.becomes', { type: word('type', event.type) ?? event.type })}
          {event.subject
            ? ` ${t('activity.story.stateOf', { subject: (event.subject.startsWith('order:') && about) || event.subject })}`
            : ''}
        </Text>
        {amount && <Facts facts={[{ name: t('activity.story.amount'), value: money(amount) }]} />}
        <JsonText label={t('activity.story.data')} text={event.data} />
      </Part>
      <Part title={t('activity.story.consent')}>
        <Facts facts={consent} />
        {ownWord && (
          <Text as="p">
            {ownWord.at === null
              ? t('activity.story.ownWordUndated', { answer: answer(ownWord.acceptsMarketing) })
              : t('activity.story.ownWord', {
                  time: time(ownWord.at),
                  answer: answer(ownWord.acceptsMarketing),
                })}
          </Text>
        )}
        {byNow !== null && (
          <Text as="p">{t('activity.story.person.accepts', { answer: answer(byNow) })}</Text>
        )}
      </Part>
      <Part title={t('activity.story.identity')}>
        <Who {...{ event, pixelVisitor, isErased, identity }} />
      </Part>
    </>
  )
}
