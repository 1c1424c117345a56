/** Voucherify's settings: what a merchant enters, and the form's words beside it. */
import { z } from 'zod'
import { purposesSetting } from '../purposes.ts'
import { credential, rowsSetting } from '../settings.ts'
import {
  ATTRIBUTE_TYPES,
  DEFAULT_METADATA,
  keysKnownTo,
  METADATA_KEYS,
  METADATA_NAMES,
} from './metadata-keys.ts'
import { EVENT_NAMES, rows, type SentType } from './rows.ts'

/** "Required string length: 1 - 300" (the reference page of POST /client/v1/events). */
const eventName = z.string().trim().min(1).max(300)

/** A text that a form may leave empty. */
const optional = (inner: z.ZodString) =>
  z.preprocess(
    value => (typeof value === 'string' && value.trim() === '' ? undefined : value),
    inner.optional(),
  )

const attributeName = z.string().trim().min(1).max(255)

/** A public https host on its usual port: an address inside a private network is never Voucherify. */
function isPublicHost(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname, port, pathname, search, hash, username } = new URL(value)
  if (protocol !== 'https:' || port || username || search || hash || pathname !== '/') return false
  return (
    /^([a-z0-9-]+\.)+[a-z]{2,}$/.test(hostname) && !/\.(local|localhost|internal|lan|home)$/.test(hostname)
  )
}

/** Comma-separated, as a form and the command line submit it, or a list. */
const commaList = (value: unknown) =>
  typeof value === 'string'
    ? value
        .split(',')
        .map(key => key.trim())
        .filter(Boolean)
    : value

const SENT_TYPES = Object.keys(EVENT_NAMES) as [SentType, ...SentType[]]

/** For each kind of event the keys that it can know. */
const metadataByEvent = z.strictObject(
  Object.fromEntries(
    SENT_TYPES.map(type => [type, z.preprocess(commaList, z.array(z.enum(keysKnownTo(type)))).optional()]),
  ),
)
/** `attribute` or `attribute:type`. */
const attributeSource = attributeName.refine(
  value => !value.includes(':') || new RegExp(`:(${ATTRIBUTE_TYPES.join('|')})$`).test(value),
  {
    message: `must be the attribute's name, or name:type with the type ${ATTRIBUTE_TYPES.join(', ')}`,
  },
)

const KEPT_IN = 'The name of the cart or order attribute in which your theme keeps it. Empty: none.'

const fields = {
  region: z
    .enum(['eu', 'us1', 'as1', 'custom'])
    .default('eu')
    .meta({
      label: 'Region',
      help: 'Where your Voucherify account lives. Keys of one region do not work in another.',
      where: 'Voucherify: Project settings, the API endpoint',
      names: { eu: 'Europe', us1: 'United States', as1: 'Asia', custom: 'An address of your own' },
      leads: true,
    }),
  baseUrl: optional(
    z
      .string()
      .trim()
      .max(200)
      .refine(isPublicHost, 'must be an https address such as https://api.voucherify.io'),
  ).meta({
    label: 'API address',
    help: 'Only for a dedicated Voucherify address; when filled in, it replaces the region.',
    leads: true,
  }),
  mode: z
    .enum(['server', 'client'])
    .default('server')
    .meta({
      label: 'Keys',
      help: 'Application keys are recommended. Client-side keys are public, and Voucherify takes only 5 requests in 5 seconds with them from one address.',
      names: { server: 'Application keys', client: 'Client-side keys' },
    }),
  appId: optional(credential).meta({
    label: 'Application ID',
    where: 'Voucherify: Project settings, Application keys',
    half: true,
  }),
  appToken: optional(credential).meta({
    label: 'Secret key',
    help: 'Shown by Voucherify only for a limited time after it is made.',
    where: 'Voucherify: Project settings, Application keys',
    secret: true,
  }),
  applicationId: optional(credential).meta({
    label: 'Client-side application ID',
    where: 'Voucherify: Project settings, Client-side keys',
    half: true,
  }),
  clientToken: optional(credential).meta({
    label: 'Client-side key',
    where: 'Voucherify: Project settings, Client-side keys',
    secret: true,
  }),
  origin: optional(
    z
      .string()
      .trim()
      .max(253)
      .regex(
        /^(https?:\/\/)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/i,
        'must be a host such as shop.example.com',
      ),
  ).meta({
    label: 'Origin',
    help: 'Exactly as allowed in Voucherify: with or without https://.',
    where: 'Voucherify: Project settings, Client-side settings, allowed URLs',
  }),
  eventNames: z
    .partialRecord(z.enum(SENT_TYPES), eventName)
    .default({})
    .meta({ label: 'Event name', help: 'As defined in Voucherify’s event schema; 1 to 300 characters.' }),
  metadata: z.preprocess(commaList, z.array(z.enum(METADATA_KEYS)).default([...DEFAULT_METADATA])).meta({
    label: 'Metadata',
    help: 'What every event carries of this, as far as it knows it. An event can have a list of its own.',
    names: METADATA_NAMES,
  }),
  eventMetadata: metadataByEvent.default({}).meta({
    label: 'Metadata of this event',
    help: 'By event, what it carries in place of what every event does: a list, or none.',
    names: METADATA_NAMES,
    inPlaceOf: 'metadata',
  }),
  attributes: z.record(attributeName, attributeSource).default({}).meta({
    label: 'Metadata from note attributes',
    help: 'Metadata name and the cart or order attribute that holds it: “plan” or, with a type, “points:number”.',
  }),
  referralAttribute: optional(attributeName).meta({
    label: 'Attribute with the referral code',
    help: KEPT_IN,
  }),
  referrerAttribute: optional(attributeName).meta({
    label: 'Attribute with the referrer’s Voucherify id',
    help: KEPT_IN,
  }),
  loyaltyAttribute: optional(attributeName).meta({
    label: 'Attribute with the loyalty card code',
    help: KEPT_IN,
  }),
  referralFromDiscount: optional(attributeName).meta({
    label: 'Prefix of referral codes',
    help: 'A discount code that begins with this counts as the referral code.',
  }),
  loyaltyFromDiscount: optional(attributeName).meta({
    label: 'Prefix of loyalty card codes',
    help: 'A discount code that begins with this counts as the loyalty card.',
  }),
  accountPlan: z
    .enum(['sandbox', 'business', 'organization', 'enterprise'])
    .default('business')
    .meta({
      label: 'Voucherify plan',
      help: 'Sets how fast Sluice may send with application keys.',
      names: {
        sandbox: 'Sandbox',
        business: 'Business',
        organization: 'Organization',
        enterprise: 'Enterprise',
      },
    }),
  testOrders: z
    .boolean()
    .default(false)
    .meta({ label: 'Send test orders', help: 'Orders of Shopify’s test payment gateway.' }),
  rows: rowsSetting,
  purposes: purposesSetting(rows),
}

/** Which fields a way of signing in needs. */
const NEEDS = { server: ['appId', 'appToken'], client: ['applicationId', 'clientToken', 'origin'] } as const

/**
 * Settings as submitted, parsed to `VoucherifySettings`. Refused, naming the field, when a key that the chosen
 * mode needs is missing, or the address of a custom region.
 */
export const voucherifySettings = z.object(fields).superRefine((settings, context) => {
  for (const field of NEEDS[settings.mode]) {
    if (settings[field]) continue
    context.addIssue({
      code: 'custom',
      path: [field],
      message: `${field} is needed when the keys are ${settings.mode} keys`,
    })
  }
  if (settings.region === 'custom' && !settings.baseUrl) {
    context.addIssue({
      code: 'custom',
      path: ['baseUrl'],
      message: 'baseUrl is needed when the region is custom',
    })
  }
})
export type VoucherifySettings = z.output<typeof voucherifySettings>
