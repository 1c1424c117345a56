/**
 * Tolerant field readers, the alphabet of the payload schemas. None ever fails: what is missing, null,
 * redacted or of a wrong type reads as null (or as an empty list), so that a surprise in one field never
 * costs a store event.
 */
import { Decimal } from 'decimal.js'
import { z } from 'zod'
import { currencyCode, decimal, instant } from '../../events/data.ts'

type Fields = Record<string, unknown>

const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/
const ID = /^(?:gid:\/\/shopify\/\w+\/)?(\d{1,30})(?:\?.*)?$/
/** Beyond any amount that money has; the limit keeps "1e999999999" from being written out. */
const LARGEST = 1e15
const MAX_DECIMALS = 10
const MAX_COUNT = 1_000_000

/** A plain object, not an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Text without what PostgreSQL cannot keep (NUL characters, halves of surrogate pairs), trimmed; null when
 * nothing remains. Numbers read as their digits.
 */
export function asText(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'string') return null
  const clean = value.toWellFormed().replaceAll('\u0000', '').trim()
  return clean === '' ? null : clean
}

/** A Shopify id as its digits, from a number, a string of digits or a `gid://shopify/…/123`. */
export function asId(value: unknown): string | null {
  return ID.exec(asText(value) ?? '')?.[1] ?? null
}

/** An amount as a decimal string, written as Shopify wrote it where that is one ("199.00" stays). */
export function asAmount(value: unknown): string | null {
  const text = asText(value)
  if (text === null || text.length > 40 || !/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return null
  if (decimal.safeParse(text).success) return text
  const exact = new Decimal(text)
  if (!exact.isFinite() || exact.abs().gte(LARGEST)) return null
  const written = exact.toDecimalPlaces(MAX_DECIMALS).toFixed()
  return decimal.safeParse(written).success ? written : null
}

/** An instant as ISO 8601 in UTC with milliseconds; null when it has no offset or is not a time. */
export function asInstant(value: unknown): string | null {
  if (typeof value !== 'string' || !ISO_INSTANT.test(value.trim())) return null
  const time = new Date(value.trim())
  if (Number.isNaN(time.getTime())) return null
  const iso = time.toISOString()
  return instant.safeParse(iso).success ? iso : null
}

/** A count of things, zero or more; null when it is not a whole number or absurdly large. */
export function asCount(value: unknown): number | null {
  const text = asText(value)
  if (text === null || !/^\d{1,7}$/.test(text)) return null
  const count = Number(text)
  return count <= MAX_COUNT ? count : null
}

/** ISO 4217 in capitals. */
export function asCurrency(value: unknown): string | null {
  const parsed = currencyCode.safeParse(asText(value)?.toUpperCase())
  return parsed.success ? parsed.data : null
}

const field = <T>(read: (value: unknown) => T) => z.unknown().optional().transform(read)

export const text = field(asText)
export const id = field(asId)
export const amount = field(asAmount)
export const time = field(asInstant)
export const count = field(asCount)
export const currency = field(asCurrency)
export const flag = field(value => (typeof value === 'boolean' ? value : null))
/** Strings of an array, or of a comma-separated list; anything else is empty. */
export const words = field(value => {
  const parts = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : []
  return parts.map(asText).filter(part => part !== null)
})
/** Ids of an array; what is not an id is left out. */
export const ids = field(value => (Array.isArray(value) ? value.map(asId).filter(part => part !== null) : []))

/** An object of the given shape, or null. */
export function nested<T>(schema: z.ZodType<T>) {
  return field(value => (isFields(value) ? schema.parse(value) : null))
}

/** The objects of an array, each of the given shape; what is not an object is left out. */
export function list<T>(schema: z.ZodType<T>) {
  return field(value => (Array.isArray(value) ? value.filter(isFields).map(item => schema.parse(item)) : []))
}

/** The shop-currency side of a `*_set`: what the shop accounts in, not what the buyer saw. */
export const shopMoney = field(value => {
  const money = isFields(value) && isFields(value.shop_money) ? value.shop_money : {}
  const shopAmount = asAmount(money.amount)
  return shopAmount === null ? null : { amount: shopAmount, currency: asCurrency(money.currency_code) }
})

/**
 * The exact id of an object that carries a numeric `id` and an `admin_graphql_api_id` of the given kind:
 * the latter wins where the number is beyond 2^53 and may have been rounded on its way here.
 */
export function exactId(kind: string, plain: string | null, gid: string | null): string | null {
  if (plain !== null && Number.isSafeInteger(Number(plain))) return plain
  return gid?.startsWith(`gid://shopify/${kind}/`) ? (asId(gid) ?? plain) : plain
}
