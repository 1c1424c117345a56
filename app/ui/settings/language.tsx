import { Card, Select } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { LANGUAGES } from '../languages.ts'
import type { PartProps } from './form.tsx'
import { Section } from './section.tsx'

/** A language's name in itself, for whoever does not understand the page's. */
function nameOf(language: string): string {
  const name = new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1)
}

export function LanguageChoice({ values, change, disabled }: PartProps) {
  const { t } = useTranslation()
  return (
    <Section title={t('settings.language.title')} about={t('settings.language.about')}>
      <Card>
        <Select
          id="language-choice"
          label={t('settings.language.label')}
          options={[
            { value: '', label: t('settings.language.shopify') },
            ...LANGUAGES.map(language => ({ value: language, label: nameOf(language) })),
          ]}
          value={values.language}
          onChange={language => change({ language })}
          disabled={disabled}
        />
      </Card>
    </Section>
  )
}
