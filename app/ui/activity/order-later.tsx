/** That no order was received cannot be said while something waits that nobody has read: it may be of it. */
import { useTranslation } from 'react-i18next'
import type { InSpool } from '../../runtime/merchant-activity.ts'
import { counted } from '../counted.ts'
import { Nothing } from '../nothing.tsx'
import { useTime } from '../times.ts'

type Props = { order: string; spool: InSpool; action: { content: string; url: string } }

export function OrderLater({ order, spool: { waiting, failed }, action }: Props) {
  const { t, i18n } = useTranslation()
  const time = useTime()
  const { format } = new Intl.NumberFormat(i18n.language)
  const there = [waiting, failed].filter(each => each !== null)
  const count = there.reduce((sum, { requests }) => sum + requests, 0)
  const [since = ''] = there.map(each => each.since).sort()
  return (
    <Nothing
      title={t('activity.empty.orderLater', { order })}
      help={t('activity.empty.orderLaterHelp', { count, number: counted(count, format), since: time(since) })}
      action={action}
    />
  )
}
