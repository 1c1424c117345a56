import { useTranslation } from 'react-i18next'
import type { FleetAsked } from '../../../delivery/fleet-filter.ts'

/** @returns a function that says in a sentence which shops an action is for */
export function useWhich(): (asked: Pick<FleetAsked, 'kind' | 'filter'>) => string {
  const { t, i18n } = useTranslation()
  const or = new Intl.ListFormat(i18n.language, { type: 'disjunction' })
  const and = new Intl.ListFormat(i18n.language, { type: 'conjunction' })
  return ({ kind, filter: { shops, states, heldFor } }) => {
    const which = heldFor
      ? t('support.fleet.which.heldFor', { reason: heldFor })
      : t(`support.fleet.which.${kind}`)
    const conditions = [
      ...(shops ? [t('support.fleet.which.shops', { text: shops })] : []),
      ...(states.length > 0
        ? [
            t('support.fleet.which.states', {
              states: or.format(states.map(state => t(`support.state.${state}`))),
            }),
          ]
        : []),
    ]
    return conditions.length === 0
      ? t('support.fleet.which.all', { which })
      : t('support.fleet.which.only', { which, conditions: and.format(conditions) })
  }
}
