import { useTranslation } from 'react-i18next'
import type { Needed } from '../../runtime/merchant-activity.ts'
import { useTime } from '../times.ts'

/**
 * @returns a function that says in a line what a tool needs a visitor to have allowed and how that stands, and what follows where it is not all
 * allowed. `visited`: a browser told of it
 */
export function useNeeds(): (name: string, needs: readonly Needed[], visited: boolean) => string {
  const { t } = useTranslation()
  const time = useTime()
  const standing = ({ purpose, stands, at }: Needed) =>
    t(`preview.standing.${stands}`, {
      purpose: t(`vendors.events.purpose.${purpose}`),
      time: at === null ? '' : time(at),
    })
  return (name, needs, visited) => {
    if (needs.length === 0) return t('preview.needsNothing')
    const said = t('preview.needs', { name, purposes: needs.map(standing).join(', ') })
    const isAllowed = needs.every(({ stands }) => stands === 'allowed')
    return isAllowed ? said : `${said} ${t(visited ? 'preview.visited' : 'preview.notVisited')}`
  }
}
