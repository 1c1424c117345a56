import { Checkbox, ChoiceList, Select, TextField } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { FormField, FormValues } from '../../runtime/merchant-vendors.ts'
import { FromAccount } from './from-account.tsx'

type Props = {
  field: FormField
  value: string
  error: string | undefined
  disabled: boolean
  /** The whole form as it stands. */
  values: FormValues
  onChange(value: string): void
}

/** One setting. A secret that is saved is never shown: left empty it stays, and what is typed replaces it. */
export function Field({ field, value, error, disabled, values, onChange }: Props) {
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
  if (kind === 'choices')
    return (
      <ChoiceList
        allowMultiple
        title={label}
        choices={options.map(option => ({ value: option, label: option }))}
        selected={value.split(', ').filter(Boolean)}
        onChange={chosen => onChange(options.filter(option => chosen.includes(option)).join(', '))}
        disabled={disabled}
        {...(error && { error })}
      />
    )
  if (field.offered)
    return <FromAccount field={field} value={value} shared={shared} values={values} onChange={onChange} />
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
