/** The roles in words. */
import { useTranslation } from 'react-i18next'
import type { Role } from '../../support/roles.ts'

/** The least first. */
export const SHOWN_ROLES = ['viewer', 'agent', 'admin'] as const satisfies readonly Role[]

/** To choose from. */
export function useRoles(): { value: string; label: string }[] {
  const { t } = useTranslation()
  return SHOWN_ROLES.map(value => ({ value, label: t(`support.frame.role.${value}`) }))
}
