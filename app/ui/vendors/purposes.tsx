import { Badge, Select } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { FormRow } from '../../runtime/merchant-vendors.ts'

type Choice = NonNullable<FormRow['consent']>['byDefault']
type Props = {
  row: Pick<FormRow, 'consent'>
  /** What the kind of event is called. */
  type: string
  value: string
  disabled: boolean
  onChange(value: string): void
}

/** What a visitor must have allowed before a kind of event is sent: chosen where consent counts, also before the first is sent. */
export function Purposes({ row: { consent }, type, value, disabled, onChange }: Props) {
  const { t } = useTranslation()
  if (!consent) return <Badge>{t('settings.privacy.noPurpose')}</Badge>
  const called = (choice: Choice) => t(`vendors.events.${consent.notice ? 'unless' : 'needs'}.${choice}`)
  const chosen = consent.options.find(option => option === value) ?? consent.byDefault
  const help = [
    consent.notice && t('vendors.events.notice'),
    chosen !== consent.byDefault && t('vendors.events.own', { own: called(consent.byDefault) }),
  ]
  return (
    <div className="purposes">
      <style>{ITS_WIDTH}</style>
      <Select
        id={consent.name}
        label={t('vendors.events.needsLabel', { type })}
        labelHidden
        options={consent.options.map(choice => ({ value: choice, label: called(choice) }))}
        value={chosen}
        helpText={help.filter(Boolean).join(' ') || undefined}
        disabled={disabled}
        onChange={onChange}
      />
    </div>
  )
}

/** Beside the event at a desk's width, across its row on a phone: there none of its words is cut off. */
const ITS_WIDTH =
  '.purposes { flex: 0 1 18rem } @media (max-width: 30.6225em) { .purposes { flex: 1 1 100% } }'
