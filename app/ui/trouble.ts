/** Why Shopify cannot be asked, or the web pixel not be set, in words. */
import { useTranslation } from 'react-i18next'

/** @returns a function that says a code of trouble; what is stored may be newer than the page */
export function useTrouble(): (code: string) => string {
  const { t, i18n } = useTranslation()
  return code => {
    const word: unknown = i18n.getResource(i18n.language, 'texts', `settings.pixel.trouble.${code}`)
    return typeof word === 'string' ? word : t('settings.pixel.trouble.unexpected')
  }
}
