import { useTranslation } from 'react-i18next'
import type { ShownAction } from '../../../runtime/support-fleet.ts'
import { useTime } from '../../times.ts'

/** @returns a function that says who began an action, stopped it and let it go on: a sentence for each, in their order */
export function useWho(): (action: Pick<ShownAction, 'createdAt' | 'begunBy' | 'turns'>) => string[] {
  const { t } = useTranslation()
  const time = useTime()
  return ({ createdAt, begunBy, turns }) => [
    t('support.fleet.began', { time: time(createdAt), actor: begunBy }),
    ...turns.map(({ what, at, actor }) => t(`support.fleet.turn.${what}`, { time: time(at), actor })),
  ]
}
