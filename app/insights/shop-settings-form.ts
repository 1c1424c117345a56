/** A shop's settings as a merchant's form sends them. Pure: what is wrong comes back by field, as a code that a page has words for. */
import { EMAIL_ADDRESS } from '../config-alerts.ts'
import { maskSecret } from '../privacy/mask.ts'
import { SHORTEST_RETENTION_DAYS } from '../privacy/shop-retention.ts'
import { mayBePublic } from '../public-network.ts'
import { ALERT_KINDS, type AlertKind } from './alerts/thresholds.ts'
import type { ShopSettings, ShopWebhook } from './shop-settings.ts'

/** What a form sends, as text. */
export type SettingsValues = {
  retentionDays: string
  language: string | null
  /** One in each line, or with commas between. */
  emails: string
  /** Empty: the saved one stays. */
  webhook: string
  /** Empty: the saved one stays, if the address does. */
  webhookSecret: string
  /** Ends the webhook, whatever stands in its fields. */
  webhookOff: boolean
  kinds: readonly AlertKind[]
}
export type SettingsField = 'retentionDays' | 'emails' | 'webhook' | 'webhookSecret' | 'kinds'
export type SettingsProblem =
  | 'days'
  | 'email_wrong'
  | 'email_count'
  | 'email_off'
  | 'webhook_wrong'
  | 'webhook_private'
  | 'secret_alone'
  | 'secret_short'
  | 'kinds_none'
/** `what`: the part of the field that is wrong, where it has several. */
export type SettingsProblems = Partial<Record<SettingsField, { problem: SettingsProblem; what: string }>>

/** Addresses of e-mail for alerts, and the length of one (https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3). */
export const MOST_EMAILS = 5
const LONGEST_EMAIL = 254
const LONGEST_URL = 2_000
/** As of the operator's own. */
const SHORTEST_SECRET = 16

/** What the platform allows. `platformDays`: how long it keeps events. `mail`: whether it can send any. */
export type SettingsBounds = { platformDays: number; mail: boolean }

/** @param saved what stays where a field is left empty */
export function settingsOf(
  values: SettingsValues,
  saved: ShopSettings,
  { platformDays, mail }: SettingsBounds,
): { settings: ShopSettings } | { problems: SettingsProblems } {
  const problems: SettingsProblems = {}
  const days = /^\d{1,4}$/.test(values.retentionDays.trim()) ? Number(values.retentionDays) : Number.NaN
  if (!(days >= SHORTEST_RETENTION_DAYS && days <= platformDays))
    problems.retentionDays = { problem: 'days', what: '' }
  const emails = [
    ...new Set(
      values.emails
        .split(/[\r\n,]+/)
        .map(each => each.trim())
        .filter(Boolean),
    ),
  ]
  const wrong = emails.find(each => each.length > LONGEST_EMAIL || !EMAIL_ADDRESS.test(each))
  if (wrong !== undefined) problems.emails = { problem: 'email_wrong', what: wrong }
  else if (emails.length > MOST_EMAILS) problems.emails = { problem: 'email_count', what: '' }
  else if (emails.length > 0 && !mail) problems.emails = { problem: 'email_off', what: '' }
  const webhook = webhookOf(values, saved.alerts.webhook, problems)
  const kinds = ALERT_KINDS.filter(kind => values.kinds.includes(kind))
  if (kinds.length === 0 && (emails.length > 0 || webhook))
    problems.kinds = { problem: 'kinds_none', what: '' }
  if (Object.keys(problems).length > 0) return { problems }
  // Who chooses all of it keeps all of it, also when the platform keeps more one day.
  const retentionDays = days === platformDays ? null : days
  return { settings: { retentionDays, language: values.language, alerts: { emails, webhook, kinds } } }
}

function webhookOf(
  { webhook, webhookSecret, webhookOff }: SettingsValues,
  saved: ShopWebhook | null,
  problems: SettingsProblems,
): ShopWebhook | null {
  if (webhookOff) return null
  const given = webhook.trim()
  const secret = webhookSecret.trim()
  if (secret !== '' && secret.length < SHORTEST_SECRET)
    problems.webhookSecret = { problem: 'secret_short', what: '' }
  if (given === '') {
    if (!saved && secret !== '') problems.webhook = { problem: 'secret_alone', what: '' }
    return saved && { url: saved.url, secret: secret || saved.secret }
  }
  const url = given.length <= LONGEST_URL ? URL.parse(given) : null
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    problems.webhook = { problem: 'webhook_wrong', what: '' }
  else if (!mayBePublic(url) || /(^|\.)(localhost|local|internal)\.?$/i.test(url.hostname))
    problems.webhook = { problem: 'webhook_private', what: '' }
  // What signed for one address is not shown to another.
  return { url: given, secret: secret || null }
}

/** An address of a webhook as it may be shown: who knows all of it can write to it. */
export function shownWebhook(webhook: ShopWebhook): string {
  const { origin, pathname, search } = new URL(webhook.url)
  return `${origin}/${maskSecret(`${pathname.slice(1)}${search}`)}`
}
