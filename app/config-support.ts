/** Whom merchants ask for help, and how support signs in, as a part of the configuration (config.ts). */
import { z } from 'zod'
import type { OidcConfig } from './support/oidc.ts'

/** Null: none is given. */
export type SupportConfig = { email: string | null; url: string | null }

export const supportFields = {
  SUPPORT_EMAIL: z
    .string()
    .regex(
      /^[^\s@<>(),;:"\\?&]+@[^\s@<>(),;:"\\?&]+$/,
      'SUPPORT_EMAIL must be one plain e-mail address; correct it.',
    )
    .optional(),
  SUPPORT_URL: z
    .string()
    .refine(
      value => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
      'SUPPORT_URL must be an address such as https://help.example.com; correct it.',
    )
    .optional(),
  SUPPORT_OIDC_ISSUER: z
    .string()
    .refine(
      isIssuer,
      'SUPPORT_OIDC_ISSUER must be the https address of the provider, such as https://login.example.com; correct it.',
    )
    .optional(),
  SUPPORT_OIDC_CLIENT_ID: z.string().optional(),
  SUPPORT_OIDC_CLIENT_SECRET: z.string().optional(),
}

/** Without TLS only on this machine: who stands in between could vouch for anybody. */
function isIssuer(value: string): boolean {
  const url = URL.parse(value)
  return (
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(url.hostname))
  )
}

type Settings = { SUPPORT_EMAIL?: string | undefined; SUPPORT_URL?: string | undefined }

export function supportConfig({ SUPPORT_EMAIL, SUPPORT_URL }: Settings): SupportConfig {
  return { email: SUPPORT_EMAIL ?? null, url: SUPPORT_URL ?? null }
}

const OIDC = ['SUPPORT_OIDC_ISSUER', 'SUPPORT_OIDC_CLIENT_ID', 'SUPPORT_OIDC_CLIENT_SECRET'] as const
type OidcSettings = { [name in (typeof OIDC)[number]]?: string | undefined }

/** @returns null: support signs in with accounts of its own; `missing` is one sentence */
export function oidcConfig(settings: OidcSettings): OidcConfig | null | { missing: string } {
  const { SUPPORT_OIDC_ISSUER: issuer, SUPPORT_OIDC_CLIENT_ID: clientId } = settings
  const { SUPPORT_OIDC_CLIENT_SECRET: clientSecret } = settings
  if (issuer && clientId && clientSecret) return { issuer, clientId, clientSecret }
  const given = OIDC.filter(name => settings[name])
  if (given.length === 0) return null
  const missing = OIDC.filter(name => !settings[name])
  return {
    missing: `${given.join(' and ')} is set, but not ${missing.join(' and ')}: single sign-on needs all three; set them, or none.`,
  }
}
