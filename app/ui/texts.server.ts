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
import polarisSk from './polaris/sk.json'

export const TEXTS: Readonly<Record<Language, Texts>> = { en, cs, sk, de, pl, 'pt-BR': ptBr }

/** Polaris says a badge's progress to screen readers alone, and "complete" in some languages as what somebody is to do. */
function withComplete<T extends typeof polarisPl | typeof polarisPtBr>(texts: T, complete: string): T {
  const { Badge } = texts.Polaris
  const progress = { ...Badge.PROGRESS_LABELS, complete }
  return { ...texts, Polaris: { ...texts.Polaris, Badge: { ...Badge, PROGRESS_LABELS: progress } } }
}

/** Polaris has no Slovak: what the components in use say of themselves is ours. */
export const POLARIS_TEXTS = {
  en: polarisEn,
  cs: polarisCs,
  sk: polarisSk,
  de: polarisDe,
  pl: withComplete(polarisPl, 'Zakończono'),
  'pt-BR': withComplete(polarisPtBr, 'Concluído'),
} as const
