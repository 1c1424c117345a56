import { Checkbox, Select, TextField } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { FormField, FormValues } from '../../runtime/merchant-vendors.ts'
import { useSay } from '../i18n.ts'
import { Choices } from './choices.tsx'
import { FromAccount } from './from-account.tsx'

type Props = {
  field: FormField
  value: string
  error: string | undefined
  /** While something is under way. */
  disabled: boolean
  /** The whole form as it stands. */
  values: FormValues
  /** Whether the credentials that are saved were refused when the form was drawn. */
  beganRefused: boolean
  /** Whether what is saved or was tested is. */
  isRefused: boolean
  onChange(value: string): void
}

/** One setting. A secret that is saved is never shown: left empty it stays, and what is typed replaces it. */
export function Field({ field, value, error, disabled, values, beganRefused, isRefused, onChange }: Props) {
  const { t } = useTranslation()
  const { kind, where, saved, neededWhen, options, names, name } = field
  const say = useSay()
  const label = say(field.label)
  const help = [
    field.help && say(field.help),
    where && t('vendors.form.where', { where: say(where).replace(/\.$/, '') }),
    neededWhen &&
      t('vendors.form.neededWhen', {
        label: say(neededWhen.label),
        value: SWITCHED.some(each => each === neededWhen.value)
          ? t(neededWhen.value === 'on' ? 'vendors.status.on' : 'vendors.status.off')
          : say(neededWhen.says),
      }),
    kind === 'pairs' && t('vendors.form.pairs'),
    saved && t('vendors.form.savedSecret', { saved: saved.replace('…', UNBROKEN) }),
  ]
    .filter(Boolean)
    .join(' ')
  const choices = options.map(option => ({ value: option, label: say(names[option] ?? option) }))
  const shared = { id: name, label, helpText: help || undefined, error: error && say(error), disabled }
  if (kind === 'switch')
    return <Checkbox {...shared} checked={value === 'on'} onChange={on => onChange(on ? 'on' : '')} />
  if (kind === 'choices')
    return <Choices id={name} title={label} {...{ help, options, names, value, error, disabled, onChange }} />
  if (field.offered)
    return <FromAccount {...{ field, value, shared, values, beganRefused, isRefused, onChange }} />
  if (kind === 'choice') return <Select {...shared} options={choices} value={value} onChange={onChange} />
  return (
    <TextField
      {...shared}
      // Disabled, it would lose the focus of whoever pressed Enter in it.
      disabled={false}
      readOnly={disabled}
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

/** A line may end after an ellipsis, and what follows is what the secret ends with: the word joiner keeps them together. */
const UNBROKEN = '…\u2060'
const SWITCHED = ['on', 'off'] as const
