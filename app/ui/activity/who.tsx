import { BlockStack, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ResolvedPerson, ShownStory } from '../../runtime/merchant-activity.ts'
import { useTime } from '../times.ts'
import { Unbroken } from './unbroken.tsx'

type Props = Pick<ShownStory, 'event' | 'pixelVisitor' | 'isErased' | 'identity'>

/** Who it was: what the event itself says, and whom it is taken for by what is known now. */
export function Who({ event: { actor }, pixelVisitor, isErased, identity }: Props) {
  const { t } = useTranslation()
  const people = usePeople()
  const resolved = useResolved()
  const own = [
    ...people(actor),
    actor.visitorId && t('activity.story.visitor', { id: actor.visitorId }),
    pixelVisitor && t('activity.story.pixelVisitor', { id: pixelVisitor }),
  ].flatMap(part => part || [])
  const said = isErased ? [] : resolved(identity, people(actor))
  if (own.length === 0 && said.length === 0)
    return (
      <Text as="p" tone="subdued">
        {t(isErased ? 'activity.story.erased' : 'activity.story.nobody')}
      </Text>
    )
  return (
    <BlockStack gap="200">
      {own.length > 0 && (
        <InlineStack gap="300">
          {own.map(part => (
            <Text key={part} as="span" breakWord>
              <Unbroken text={part} />
            </Text>
          ))}
        </InlineStack>
      )}
      {said.length > 0 && (
        <Text as="p" breakWord>
          <Unbroken text={said.join(' ')} />
        </Text>
      )}
    </BlockStack>
  )
}

type Named = Pick<ResolvedPerson, 'customerId' | 'email' | 'phone'>

/** @returns a function that lists what names somebody */
function usePeople(): (person: Named) => string[] {
  const { t } = useTranslation()
  return ({ customerId, email, phone }) =>
    [customerId && t('activity.story.customer', { id: customerId }), email, phone].flatMap(part => part || [])
}

/** @returns a function that says whom an event is taken for, and by what; nothing, where the event says all of it itself */
function useResolved(): (identity: ShownStory['identity'], own: readonly string[]) => string[] {
  const { t } = useTranslation()
  const time = useTime()
  const people = usePeople()
  return (identity, own) => {
    if (identity.kind === 'shared') return [t('activity.story.person.shared')]
    if (identity.kind === 'unreadable')
      return [
        t('activity.story.person.unreadable'),
        ...(identity.open ? [t('activity.story.person.unreadableOpen')] : []),
      ]
    if (identity.kind === 'nobody') return identity.browser ? [t('activity.story.person.unknown')] : []
    const { by, since, later } = identity
    const names = people(identity)
    const who = names.join(' · ')
    if (by === 'event') return names.join() === own.join() ? [] : [t('activity.story.person.record', { who })]
    if (by === 'order') return [t('activity.story.person.order', { who })]
    return [
      t('activity.story.person.browser', { who }),
      ...(since === null ? [] : [t(`activity.story.person.${by}`, { time: time(since) })]),
      ...(later ? [t('activity.story.person.later')] : []),
    ]
  }
}
