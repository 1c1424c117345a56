/** What is wrong with a field, in the page's words. */
import { useTranslation } from 'react-i18next'
import type { SettingsPage, SettingsProblems } from '../../runtime/merchant-settings.ts'

/** @returns a function that gives a field's sentence; undefined: nothing is wrong with it */
export function useProblem(
  { retention, alerts }: SettingsPage,
  problems: SettingsProblems,
): (field: keyof SettingsProblems) => string | undefined {
  const { t } = useTranslation()
  return field => {
    const found = problems[field]
    if (!found) return undefined
    const { shortest, longest } = retention
    return t(`settings.problem.${found.problem}`, {
      ...{ what: found.what, shortest, longest, most: alerts.mostEmails },
    })
  }
}
