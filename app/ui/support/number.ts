import { useTranslation } from 'react-i18next'

/** @returns a function that writes a count in the page's language */
export function useNumber(): (value: number) => string {
  const { i18n } = useTranslation()
  const format = new Intl.NumberFormat(i18n.language)
  return value => format.format(value)
}
