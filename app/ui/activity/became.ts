import { useTranslation } from 'react-i18next'
import type { ReplayOutcomes } from '../../runtime/merchant-activity.ts'
import { counted } from '../counted.ts'

/** In the order in which they are told. */
const TOLD = ['delivered', 'failed', 'waiting', 'held', 'forVisitor', 'skipped'] as const

/**
 * @returns a function that says what became of what was sent again: "3 delivered, 1 failed". `again`: it had been skipped before; `most`: so
 * many are counted of each; `more`: what is told behind
 */
export function useBecame() {
  const { t, i18n } = useTranslation()
  const format = new Intl.NumberFormat(i18n.language)
  const list = new Intl.ListFormat(i18n.language, { type: 'unit' })
  return (
    outcomes: ReplayOutcomes,
    { again, most, more = null }: { again: boolean; most?: number; more?: string | null },
  ): string => {
    const told = TOLD.filter(kind => outcomes[kind] > 0).map(kind => {
      const count = outcomes[kind]
      const number = counted(count, value => format.format(value), most)
      return t(`activity.replay.became.${kind === 'skipped' && again ? 'skippedAgain' : kind}`, {
        count,
        number,
      })
    })
    return list.format(more === null ? told : [...told, more])
  }
}
