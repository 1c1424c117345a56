/** The field of the credentials that a vendor refuses, and the way to it: what is wrong is told once. */
import { Button, InlineStack } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { FormField, FormValues } from '../../runtime/merchant-vendors.ts'
import { focusField } from '../focus.ts'
import { useSay } from '../i18n.ts'

/** The secret that is sent by what is chosen; undefined: the vendor has none. */
export function keyField(fields: readonly FormField[], values: FormValues): FormField | undefined {
  const isSent = ({ neededWhen }: FormField) => !neededWhen || values[neededWhen.name] === neededWhen.value
  return fields.find(field => field.part === 'credentials' && field.kind === 'secret' && isSent(field))
}

/** At the end of the address of a tool's page, which then begins at the field. */
export const AT_KEY = '#key'

/** The same at the field of a setting. @param page the tool's, without what the address ends with */
export const atSetting = (page: string, setting: string) => `${page}#${SETTING}${setting}`
const SETTING = 'set.'

/** The field at which a tool's page begins, by its address; undefined: at none. @param key the field of its credentials */
export function fieldAt(hash: string, key: FormField | undefined): string | undefined {
  if (hash === AT_KEY) return key?.name
  return hash.startsWith(`#${SETTING}`) ? hash.slice(1) : undefined
}

/** By what stands in them. */
export const valuesIn = (fields: readonly FormField[]): FormValues =>
  Object.fromEntries(fields.map(({ name, value }) => [name, value]))

export function ToKey({ field }: { field: FormField }) {
  const { t } = useTranslation()
  const say = useSay()
  return (
    <InlineStack>
      <Button variant="plain" onClick={() => focusField(field.name)}>
        {t('vendors.form.toField', { label: say(field.label) })}
      </Button>
    </InlineStack>
  )
}
