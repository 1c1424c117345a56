/** The form of a shop's settings as its fields hold it, all in text, and as it is sent. */
import type { SettingsPage } from '../../runtime/merchant-settings.ts'

export const KINDS = ['attention', 'waiting', 'giving_up'] as const

export type Values = {
  retentionDays: string
  /** Empty: that of Shopify's admin. */
  language: string
  emails: string
  webhook: string
  webhookSecret: string
  /** "on" or empty, as switches are sent. */
  webhookOff: string
} & { [kind in `kind.${(typeof KINDS)[number]}`]: string }

export type Change = (changed: Partial<Values>) => void

export function valuesOf({ retention, language, alerts }: SettingsPage): Values {
  const isOn = (kind: (typeof KINDS)[number]) => (alerts.kinds.includes(kind) ? 'on' : '')
  return {
    retentionDays: String(retention.days),
    language: language ?? '',
    emails: alerts.emails.join('\n'),
    ...{ webhook: '', webhookSecret: '', webhookOff: '' },
    ...{ 'kind.attention': isOn('attention'), 'kind.waiting': isOn('waiting') },
    'kind.giving_up': isOn('giving_up'),
  }
}
