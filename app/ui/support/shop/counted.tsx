/** What a hold or a release will do to what waits, in sentences with numbers. */
import { List } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { Backlog } from '../../../runtime/support-shop.ts'
import { useFormats } from '../../home/words.ts'
import { useSay } from '../../i18n.ts'

type Props = { intent: 'hold' | 'change' | 'release'; backlog: Backlog; releaseWithinDays: number }

export function Counted({ intent, backlog, releaseWithinDays }: Props) {
  const hold = useHoldSentences()
  const release = useReleaseSentences(releaseWithinDays)
  return (
    <List>
      {(intent === 'release' ? release(backlog) : hold(backlog, intent === 'change')).map(sentence => (
        <List.Item key={sentence}>{sentence}</List.Item>
      ))}
    </List>
  )
}

function useHoldSentences() {
  const { t } = useTranslation()
  const { counted } = useFormats()
  /** What a hold keeps from being sent is nothing new where it is only changed. */
  return ({ open, unknown, held }: Backlog, changes: boolean): string[] => [
    ...(changes && open === 0
      ? []
      : [t('support.shop.holding.open', { count: open, number: counted(open) })]),
    ...(unknown > 0 ? [t('support.shop.holding.unknown', { count: unknown, number: counted(unknown) })] : []),
    ...(held > 0 ? [t('support.shop.holding.held', { count: held, number: counted(held) })] : []),
    t('support.shop.holding.later'),
  ]
}

function useReleaseSentences(days: number) {
  const { t } = useTranslation()
  const { counted } = useFormats()
  const say = useSay()
  return ({ held, release: { stays, goOut, expire } }: Backlog): string[] => {
    if (held === 0) return [t('support.shop.releasing.nothing')]
    if (stays)
      return [
        t('support.shop.releasing.stays', { count: held, number: counted(held), why: say(stays.message) }),
      ]
    return [
      t('support.shop.releasing.goOut', { count: goOut, number: counted(goOut) }),
      ...(expire > 0
        ? [t('support.shop.releasing.expire', { count: expire, number: counted(expire), days })]
        : []),
    ]
  }
}
