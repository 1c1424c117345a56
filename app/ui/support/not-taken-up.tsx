/** That no order was received cannot be said while notices wait that nobody has read: one of them may be of it. */
import { useTranslation } from 'react-i18next'
import type { InSpool } from '../../runtime/support-shops.ts'
import { Nothing } from '../nothing.tsx'
import { useNumber } from './number.ts'

type Props = { order: string; spool: InSpool; action: { content: string; url: string } }

export function NotTakenUp({ order, spool, action }: Props) {
  const { t } = useTranslation()
  const number = useNumber()
  const help = (['waiting', 'failed'] as const).flatMap(kind =>
    spool[kind] === 0
      ? []
      : [t(`support.shops.notTakenUp.${kind}`, { count: spool[kind], number: number(spool[kind]) })],
  )
  return (
    <Nothing title={t('support.shops.notTakenUp.title', { order })} help={help.join(' ')} action={action} />
  )
}
