/** The settings of alerts, as a part of the configuration (config.ts). */
import { z } from 'zod'

export type AlertConfig = {
  /** How old the oldest undelivered delivery of a lane may be, in minutes. */
  ageMinutes: number
  /** Null: no e-mail is sent. */
  email: { to: readonly string[]; from: string; smtpUrl: string } | null
  /** Null: no webhook is called. `secret` signs, when there is one. */
  webhook: { url: string; secret: string | null } | null
}

/** A plain address: nothing that could begin a header of its own. */
export const EMAIL_ADDRESS = /^[^\s@<>(),;:"\\\p{Cc}]+@[^\s@<>(),;:"\\\p{Cc}]+$/u
const MOST_MINUTES = 3 * 24 * 60
const SHORTEST_SECRET = 16

const parses = (pattern: RegExp) => (value: string) =>
  URL.canParse(value) && pattern.test(new URL(value).protocol)
const addressList = (value: string) => value.split(',').map(address => address.trim())

export const alertFields = {
  ALERT_AGE_MINUTES: z
    .string()
    .refine(
      value => /^\d{1,4}$/.test(value) && Number(value) >= 1 && Number(value) <= MOST_MINUTES,
      `ALERT_AGE_MINUTES must be a whole number of minutes from 1 to ${MOST_MINUTES}; set it to 60, for example.`,
    )
    .default('60'),
  ALERT_EMAIL_TO: z
    .string()
    .refine(
      value => addressList(value).every(address => EMAIL_ADDRESS.test(address)),
      'ALERT_EMAIL_TO must be e-mail addresses separated by commas; correct it.',
    )
    .optional(),
  ALERT_EMAIL_FROM: z
    .string()
    .regex(EMAIL_ADDRESS, 'ALERT_EMAIL_FROM must be one plain e-mail address; correct it.')
    .optional(),
  SMTP_URL: z
    .string()
    .refine(
      parses(/^smtps?:$/),
      'SMTP_URL must be an address such as smtps://user:password@mail.example.com:465; correct it.',
    )
    .optional(),
  ALERT_WEBHOOK_URL: z
    .string()
    .refine(
      parses(/^https?:$/),
      'ALERT_WEBHOOK_URL must be an address such as https://hooks.example.com/sluice; correct it.',
    )
    .optional(),
  ALERT_WEBHOOK_SECRET: z
    .string()
    .min(
      SHORTEST_SECRET,
      `ALERT_WEBHOOK_SECRET must have ${SHORTEST_SECRET} characters or more; make one with openssl rand -hex 32.`,
    )
    .optional(),
}

const schema = z.object(alertFields)

/**
 * @param settings what `alertFields` made of the environment
 * @returns the configuration, or the sentence that says what is missing
 */
export function alertConfig(settings: z.infer<typeof schema>): AlertConfig | { missing: string } {
  const email = {
    ALERT_EMAIL_TO: settings.ALERT_EMAIL_TO,
    ALERT_EMAIL_FROM: settings.ALERT_EMAIL_FROM,
    SMTP_URL: settings.SMTP_URL,
  }
  const names = Object.keys(email) as (keyof typeof email)[]
  const given = names.find(name => email[name])
  const absent = names.find(name => !email[name])
  if (given && absent)
    return {
      missing: `${absent} is not set, but ${given} is: alerts by e-mail need ${names.join(', ')} together.`,
    }
  const { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret = null } = settings
  if (secret !== null && !url)
    return { missing: 'ALERT_WEBHOOK_URL is not set, but ALERT_WEBHOOK_SECRET is: set both, or neither.' }
  const { ALERT_EMAIL_TO: to, ALERT_EMAIL_FROM: from, SMTP_URL: smtpUrl } = email
  return {
    ageMinutes: Number(settings.ALERT_AGE_MINUTES),
    email: to && from && smtpUrl ? { to: addressList(to), from, smtpUrl } : null,
    webhook: url ? { url, secret } : null,
  }
}
