import { Checkbox, Select, TextField } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { FormField } from '../../runtime/merchant-vendors.ts'

type Props = {
  field: FormField
  value: string
  error: string | undefined
  disabled: boolean
  onChange(value: string): void
}

/** One setting. A secret that is saved is never shown: left empty it stays, and what is typed replaces it. */
export function Field({ field, value, error, disabled, onChange }: Props) {
  const { t } = useTranslation()
  const { kind, label, where, saved, neededWhen, options, name } = field
  const help = [
    field.help,
    where && t('vendors.form.where', { where: where.replace(/\.$/, '') }),
    neededWhen &&
      t('vendors.form.neededWhen', {
        label: neededWhen.label,
        value: SWITCHED.some(each => each === neededWhen.value)
          ? t(neededWhen.value === 'on' ? 'vendors.status.on' : 'vendors.status.off')
          : neededWhen.value,
      }),
    kind === 'pairs' && t('vendors.form.pairs'),
    saved && t('vendors.form.savedSecret', { saved }),
  ]
    .filter(Boolean)
    .join(' ')
  const shared = { id: name, label, helpText: help || undefined, error, disabled }
  if (kind === 'switch')
    return <Checkbox {...shared} checked={value === 'on'} onChange={on => onChange(on ? 'on' : '')} />
  if (kind === 'choice') return <Select {...shared} options={options} value={value} onChange={onChange} />
  return (
    <TextField
      {...shared}
      value={value}
      onChange={onChange}
      autoComplete={kind === 'secret' ? 'new-password' : 'off'}
      type={kind === 'secret' ? 'password' : 'text'}
      placeholder={saved ?? undefined}
      multiline={kind === 'pairs' ? 3 : false}
      requiredIndicator={field.required}
      maxLength={kind === 'pairs' ? 5_000 : 1_000}
      spellCheck={false}
    />
  )
}

const SWITCHED = ['on', 'off'] as const
