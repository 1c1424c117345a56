/** All languages, on the server only: a page is sent the one it speaks. */
import polarisCs from '@shopify/polaris/locales/cs.json'
import polarisDe from '@shopify/polaris/locales/de.json'
import polarisEn from '@shopify/polaris/locales/en.json'
import polarisPl from '@shopify/polaris/locales/pl.json'
import polarisPtBr from '@shopify/polaris/locales/pt-BR.json'
import type { Texts } from './i18n.ts'
import type { Language } from './languages.ts'
import cs from './locales/cs.json'
import de from './locales/de.json'
import en from './locales/en.json'
import pl from './locales/pl.json'
import ptBr from './locales/pt-BR.json'
import sk from './locales/sk.json'

export const TEXTS: Readonly<Record<Language, Texts>> = { en, cs, sk, de, pl, 'pt-BR': ptBr }

/** Polaris has no Slovak: its few words of its own are nearest in Czech. */
export const POLARIS_TEXTS = {
  en: polarisEn,
  cs: polarisCs,
  sk: polarisCs,
  de: polarisDe,
  pl: polarisPl,
  'pt-BR': polarisPtBr,
} as const
