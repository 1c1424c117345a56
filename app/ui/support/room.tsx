/** What is around every page of the console, also where nobody is signed in: Polaris and the texts. */
import { AppProvider } from '@shopify/polaris'
import polaris from '@shopify/polaris/locales/en.json'
import { type ReactNode, useState } from 'react'
import { I18nextProvider } from 'react-i18next'
import { ConsoleLink } from './link.tsx'
import { consoleTexts } from './texts.ts'

export function Room({ children }: { children: ReactNode }) {
  const [i18n] = useState(consoleTexts)
  return (
    <AppProvider i18n={polaris} linkComponent={ConsoleLink}>
      <I18nextProvider i18n={i18n}>{children}</I18nextProvider>
    </AppProvider>
  )
}
