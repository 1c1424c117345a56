/** Texts of the merchant's pages through i18next: one instance for each request, and one in the browser. */
import { createInstance, type i18n } from 'i18next'
import { useContext } from 'react'
import { getI18n, I18nContext, initReactI18next } from 'react-i18next'
import type { Language } from './languages.ts'
import type en from './locales/en.json'
import { type Sayings, sayer } from './say.ts'
import type { ConsoleTexts } from './support/texts.ts'

/** Every language has the texts of English (./locales.test.ts). */
export type Texts = typeof en

const SAYINGS = 'sayings'
const sayers = new WeakMap<i18n, (english: string) => string>()
const wordings = new WeakMap<i18n, (said: string) => string>()

/** @returns a function that says in the page's language what the server built in English */
export function useSay(): (english: string) => string {
  // What `useTranslation` gives is a wrapper of its own for each part of a page.
  const i18n = useContext(I18nContext)?.i18n ?? getI18n()
  const before = sayers.get(i18n)
  if (before) return before
  const said = sayer(i18n.getResourceBundle(i18n.language, SAYINGS) ?? {})
  const worded = wordings.get(i18n)
  const say = worded ? (english: string) => worded(said(english)) : said
  sayers.set(i18n, say)
  return say
}

/** Has pages with these texts put what they say (`useSay`) into other words as well. */
export function wordedBy(texts: i18n, worded: (said: string) => string): i18n {
  wordings.set(texts, worded)
  return texts
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'texts'
    /** Those of the support console are there on its pages only. */
    resources: { texts: Texts & { support: ConsoleTexts } }
  }
}

/** @param sayings what is built in English on the server, in this language (./say.ts) */
export function textsIn(
  language: Language,
  texts: Texts | (Texts & { support: ConsoleTexts }),
  sayings: Sayings = {},
): i18n {
  const instance = createInstance()
  instance.use(initReactI18next).init({
    lng: language,
    ns: ['texts', SAYINGS],
    defaultNS: 'texts',
    resources: { [language]: { texts, [SAYINGS]: sayings } },
    // React escapes.
    interpolation: { escapeValue: false },
    initAsync: false,
  })
  return instance
}
