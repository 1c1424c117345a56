/**
 * Configuration, read from the environment once at start. A wrong or missing value stops the program with one
 * sentence that names the setting and the remedy; nothing else in the code reads `process.env`.
 */
import { hostname } from 'node:os'
import { z } from 'zod'
import { type AlertConfig, alertConfig, alertFields } from './config-alerts.ts'
import { type StorefrontConfig, storefrontConfig, storefrontFields } from './config-storefront.ts'
import { oidcConfig, type SupportConfig, supportConfig, supportFields } from './config-support.ts'
import { parseKeys, type SealingKey } from './secrets/keys.ts'
import type { OidcConfig } from './support/oidc.ts'

export type Role = 'all' | 'web' | 'worker'

export type Config = {
  /** TCP port of the HTTP server; 0 takes any free one. */
  port: number
  /** Null: start the embedded PostgreSQL under `dataDir`. */
  databaseUrl: string | null
  dataDir: string
  role: Role
  shopify: {
    apiKey: string
    /** Secrets that sign webhooks and proxy requests: the current one, then the previous one during a rotation. */
    apiSecrets: readonly string[]
    appUrl: string
    /** Replaces scheme, host and port of every shop's Admin API; null: each shop's own. */
    adminBaseUrl: string | null
    /** Replaces Shopify's App Bridge in the merchant's pages, for the sandbox; null: Shopify's. */
    appBridgeUrl: string | null
    scopes: readonly string[]
  }
  sealingKeys: readonly SealingKey[]
  /** Vendor id to the address that replaces scheme, host and port of its requests. */
  vendorBaseUrls: Readonly<Record<string, string>>
  /** How long events, and what became of them, are kept, in days. */
  retentionDays: number
  /** The name of the address from which vendors see this node; nodes behind one address have one name. */
  sendingAddress: string
  /** Requests in hand from which on webhooks and batches are kept as they came, and accepted a moment later. */
  spoolFrom: number
  storefront: StorefrontConfig
  alerts: AlertConfig
  /** Whom merchants ask. */
  support: SupportConfig
  /** The provider with which support signs in; null: with passwords. */
  supportOidc: OidcConfig | null
  logLevel: string
}

/** A configuration that cannot be used. The message is the one sentence to show. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const httpUrl = (name: string) =>
  z
    .string()
    .refine(
      value => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
      `${name} must be an address such as https://host:port; correct it.`,
    )

const required = (name: string, remedy: string) => z.string({ error: `${name} is not set: ${remedy}` }).min(1)

const RETENTION_REMEDY = 'RETENTION_DAYS must be a whole number of days from 31 to 9999; correct it.'
const SCOPES_REMEDY = 'set it to the access scopes of shopify.app.toml, separated by commas.'

const schema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'PORT must be a whole number from 0 to 65535; set it to a free port such as 3000.')
    .refine(
      v => Number(v) <= 65535,
      'PORT must be a whole number from 0 to 65535; set it to a free port such as 3000.',
    )
    .default('3000'),
  DATABASE_URL: z
    .string()
    .regex(
      /^postgres(ql)?:\/\//,
      'DATABASE_URL must begin with postgresql://; correct it, or leave it unset to use the embedded PostgreSQL.',
    )
    .optional(),
  DATA_DIR: z.string().default('.data'),
  SLUICE_ROLE: z
    .enum(['all', 'web', 'worker'], { error: 'SLUICE_ROLE must be all, web or worker; set one of them.' })
    .default('all'),
  SHOPIFY_API_KEY: required(
    'SHOPIFY_API_KEY',
    "copy the app's client id from Shopify's developer dashboard.",
  ),
  SHOPIFY_API_SECRET: required(
    'SHOPIFY_API_SECRET',
    "copy the app's client secret from Shopify's developer dashboard.",
  ),
  SHOPIFY_API_SECRET_PREVIOUS: z.string().optional(),
  SHOPIFY_APP_URL: required(
    'SHOPIFY_APP_URL',
    'set it to the public address of this app, such as https://sluice.example.com.',
  ).pipe(httpUrl('SHOPIFY_APP_URL')),
  SCOPES: required('SCOPES', SCOPES_REMEDY).regex(/[^\s,]/, `SCOPES names no scope: ${SCOPES_REMEDY}`),
  SHOPIFY_ADMIN_BASE_URL: httpUrl('SHOPIFY_ADMIN_BASE_URL').optional(),
  SHOPIFY_APP_BRIDGE_URL: httpUrl('SHOPIFY_APP_BRIDGE_URL').optional(),
  SLUICE_SECRETS_KEYS: required(
    'SLUICE_SECRETS_KEYS',
    'set it to id:key, where key is 32 random bytes in base64 (openssl rand -base64 32).',
  ),
  ECOMAIL_BASE_URL: httpUrl('ECOMAIL_BASE_URL').optional(),
  TOPMAIL_BASE_URL: httpUrl('TOPMAIL_BASE_URL').optional(),
  ALANA_BASE_URL: httpUrl('ALANA_BASE_URL').optional(),
  VOUCHERIFY_BASE_URL: httpUrl('VOUCHERIFY_BASE_URL').optional(),
  RETENTION_DAYS: z
    .string()
    .regex(/^\d{1,4}$/, RETENTION_REMEDY)
    .refine(days => Number(days) >= 31, RETENTION_REMEDY)
    .default('90'),
  SENDING_ADDRESS: z
    .string()
    .regex(
      /^[\w.:-]{1,200}$/,
      'SENDING_ADDRESS must be a name of letters, digits, dots, colons and hyphens; name the outgoing address of this node.',
    )
    .optional(),
  SPOOL_FROM: z
    .string()
    .regex(
      /^[1-9]\d{0,5}$/,
      'SPOOL_FROM must be a whole number from 1 to 999999; correct it or leave it unset.',
    )
    .default('96'),
  ...storefrontFields,
  ...alertFields,
  ...supportFields,
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.` })
    .default('info'),
})

/**
 * @param env the process environment; a variable set to the empty string counts as not set
 * @throws ConfigError with one sentence about the first thing wrong; it never repeats a secret value
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = schema.safeParse(given)
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues[0]?.message ?? 'The configuration is not valid.')
  const settings = parsed.data
  const alerts = alertConfig(settings)
  if ('missing' in alerts) throw new ConfigError(alerts.missing)
  const supportOidc = oidcConfig(settings)
  if (supportOidc && 'missing' in supportOidc) throw new ConfigError(supportOidc.missing)
  const previous = settings.SHOPIFY_API_SECRET_PREVIOUS
  const scopes = settings.SCOPES.split(',').map(scope => scope.trim())
  return {
    port: Number(settings.PORT),
    databaseUrl: settings.DATABASE_URL ?? null,
    dataDir: settings.DATA_DIR,
    role: settings.SLUICE_ROLE,
    shopify: {
      apiKey: settings.SHOPIFY_API_KEY,
      apiSecrets: [settings.SHOPIFY_API_SECRET, ...(previous ? [previous] : [])],
      appUrl: settings.SHOPIFY_APP_URL.replace(/\/$/, ''),
      adminBaseUrl: settings.SHOPIFY_ADMIN_BASE_URL ?? null,
      appBridgeUrl: settings.SHOPIFY_APP_BRIDGE_URL ?? null,
      scopes: scopes.filter(scope => scope !== ''),
    },
    sealingKeys: sealingKeys(settings.SLUICE_SECRETS_KEYS),
    vendorBaseUrls: Object.fromEntries(
      (['ecomail', 'topmail', 'alana', 'voucherify'] as const).flatMap(vendor => {
        const url = settings[`${vendor.toUpperCase() as Uppercase<typeof vendor>}_BASE_URL`]
        return url ? [[vendor, url]] : []
      }),
    ),
    retentionDays: Number(settings.RETENTION_DAYS),
    sendingAddress: settings.SENDING_ADDRESS ?? hostname(),
    spoolFrom: Number(settings.SPOOL_FROM),
    storefront: storefrontConfig(settings),
    alerts,
    support: supportConfig(settings),
    supportOidc,
    logLevel: settings.LOG_LEVEL,
  }
}

function sealingKeys(value: string): readonly SealingKey[] {
  try {
    return parseKeys(value)
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error))
  }
}
