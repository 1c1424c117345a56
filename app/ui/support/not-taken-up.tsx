/** That no order was received cannot be said while requests wait that nobody has read: one of them may be of it. */
import { useTranslation } from 'react-i18next'
import type { InSpool } from '../../runtime/support-shops.ts'
import { counted } from '../counted.ts'
import { Nothing } from '../nothing.tsx'
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
  const told = (['waiting', 'failed', 'old'] as const).flatMap(kind => {
    const count = spool?.[kind] ?? 0
    return count === 0
      ? []
      : [t(`support.shops.notTakenUp.${kind}`, { count, number: counted(count, number) })]
  })
  const mayBe = spool !== null && spool.waiting + spool.failed > 0
  const title = mayBe ? t('support.shops.notTakenUp.title', { order }) : none.title
  const help = mayBe ? told : [none.help, ...told]
  return <Nothing title={title} help={help.join(' ')} action={action} />
}
