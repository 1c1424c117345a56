import { SaveBar } from '@shopify/app-bridge-react'
import { BlockStack } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SettingsPage, SettingsProblems, Tried } from '../../runtime/merchant-settings.ts'
import { useLeaving } from '../leaving.ts'
import { Alerts } from './alerts.tsx'
import { LanguageChoice } from './language.tsx'
import { Privacy } from './privacy.tsx'
import { type Values, valuesOf } from './values.ts'

type Props = {
  page: SettingsPage
  /** What the last try to save found wrong. */
  problems: SettingsProblems
  /** What came of the last test; null: none was made, or it was refused. */
  tried: Tried[] | 'tooOften' | null
  /** What is under way; null: nothing. */
  busy: string | null
  submit(intent: string, values?: Values): void
}

/** What is saved together, with Shopify's save bar. Whoever leaves with something unsaved is asked. */
export function SettingsForm({ page, problems, tried, busy, submit }: Props) {
  const { t } = useTranslation()
  const [first] = useState(() => valuesOf(page))
  const [values, setValues] = useState(first)
  const changed = (Object.keys(first) as (keyof Values)[]).filter(name => values[name] !== first[name])
  const isChanged = changed.length > 0
  const change = (some: Partial<Values>) => setValues(before => ({ ...before, ...some }))
  useLeaving(isChanged)
  const save = () => submit('save', values)
  const shared = { page, values, change, problems, disabled: busy === 'save' }
  return (
    <form
      noValidate
      onSubmit={event => {
        event.preventDefault()
        save()
      }}
    >
      <BlockStack gap="600">
        <Alerts
          {...shared}
          tried={tried}
          trying={busy === 'test'}
          isChanged={changed.some(name => !['retentionDays', 'language'].includes(name))}
          onTry={() => submit('test')}
        />
        <Privacy {...shared} />
        <LanguageChoice {...shared} />
      </BlockStack>
      <SaveBar id="shop-settings" open={isChanged}>
        <button type="button" onClick={() => setValues(first)} disabled={busy === 'save'}>
          {t('settings.discard')}
        </button>
        <button type="button" variant="primary" onClick={save} disabled={busy === 'save'}>
          {t('settings.save')}
        </button>
      </SaveBar>
      {/* Enter in a field saves, as in any form. */}
      <button type="submit" hidden disabled={!isChanged || busy !== null} />
    </form>
  )
}

export type PartProps = {
  page: SettingsPage
  values: Values
  change(some: Partial<Values>): void
  problems: SettingsProblems
  disabled: boolean
}
