import { TextField } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { MOST_REASON } from './reason.ts'

/** Of whom it is told, and by which words it is asked for again. */
export type ReasonFor = 'hold' | 'release' | 'reveal' | 'replay'
type Props = {
  of: ReasonFor
  value: string
  change(value: string): void
  /** It was not given. */
  missing?: boolean
  /** It is the first field of a dialog, which begins there: one Tab less for whoever works by keyboard. */
  isFirst?: boolean
}

/** Why support does something: asked for in the same way wherever something is done. */
export function ReasonField({ of, value, change, missing = false, isFirst = false }: Props) {
  const { t } = useTranslation()
  return (
    <TextField
      label={t('support.reason.label')}
      helpText={t(`support.reason.help.${of}`)}
      value={value}
      onChange={change}
      multiline={3}
      maxLength={MOST_REASON}
      showCharacterCount
      requiredIndicator
      autoFocus={isFirst}
      autoComplete="off"
      {...(missing && { error: t('support.reason.missing') })}
    />
  )
}
