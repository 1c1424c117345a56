/** That no order was received cannot be said while requests wait that nobody has read: one of them may be of it. */
import { useTranslation } from 'react-i18next'
import type { InSpool } from '../../runtime/support-shops.ts'
import { counted } from '../counted.ts'
import { Nothing } from '../nothing.tsx'
import { useTime } from '../times.ts'
import { useNumber } from './number.ts'

/** `none`: what is said where nothing waits that may be of it. */
type Props = {
  order: string
  spool: InSpool | null
  none: { title: string; help: string }
  action: { content: string; url: string }
}

export function NotTakenUp({ order, spool, none, action }: Props) {
  const { t } = useTranslation()
  const number = useNumber()
  const time = useTime()
  const told = (['waiting', 'failed', 'old'] as const).flatMap(kind => {
    const found = spool?.[kind]
    if (!found) return []
    const { requests: count, since } = found
    return [
      t(`support.shops.notTakenUp.${kind}`, { count, number: counted(count, number), since: time(since) }),
    ]
  })
  const mayBe = spool !== null && (spool.waiting ?? spool.failed) !== null
  const title = mayBe ? t('support.shops.notTakenUp.title', { order }) : none.title
  const help = mayBe ? told : [none.help, ...told]
  return <Nothing title={title} help={help.join(' ')} action={action} />
}
