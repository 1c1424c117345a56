/** Texts of the merchant's pages through i18next: one instance for each request, and one in the browser. */
import { createInstance, type i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Language } from './languages.ts'
import type en from './locales/en.json'

/** Every language has the texts of English (./locales.test.ts). */
export type Texts = typeof en

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'texts'
    resources: { texts: Texts }
  }
}

export function textsIn(language: Language, texts: Texts): i18n {
  const instance = createInstance()
  instance.use(initReactI18next).init({
    lng: language,
    ns: ['texts'],
    defaultNS: 'texts',
    resources: { [language]: { texts } },
    // React escapes.
    interpolation: { escapeValue: false },
    initAsync: false,
  })
  return instance
}
