/**
 * Masking: what is stored of requests and answers, and what a log line may hold. Masked values keep enough
 * to recognise ("j…@example.com", "…a1b2") and not enough to use.
 */

/** JSON keys whose values are personal at every vendor here, as `bare` writes them. */
const PERSONAL_KEYS = new Set([
  'email',
  'emailaddress',
  'phone',
  'name',
  'fullname',
  'firstname',
  'lastname',
  'surname',
  'vokativ',
  'vokativs',
  'city',
  'county',
  'street',
  'zip',
  'postcode',
  'postalcode',
  'line1',
  'line2',
  'birthdate',
  'birthday',
  // A session at the vendor, in an answer's headers.
  'setcookie',
])

/** Deeper than any vendor's answer, and far from what exhausts the stack. */
const MAX_DEPTH = 64

/** The "%" of an encoded character, also where the text was encoded more than once. */
const PERCENT = '%(?:25){0,4}'
/** "@" as it is, in an encoded address (also one inside another), and in an encoded JSON text. */
const AT = String.raw`@|${PERCENT}40|\\u0040`
/** One character of a local part: what RFC 5321 allows there, less what separates words, addresses and JSON. */
const LOCAL = String.raw`[^\s"<>()[\]{},;:\\/?&=@%]`
/** The same, encoded as in an address: any but the encoded separators. */
const ENCODED = `${PERCENT}(?!2[02689CF]|3[A-F]|40)[0-9A-F]{2}`
/** The letters of a JSON escape such as "\n" are no beginning: without them the text would be no JSON any more. */
const NOT_IN_ESCAPE = String.raw`(?<!\\(?:u[0-9A-F]{0,3})?)`
/** Whole, and not the local part of the next address: "a@b.jane@example.com". */
const DOMAIN = String.raw`(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}(?![\p{L}\p{N}-]|${AT})`
/**
 * An address from its "@" on, the local part in the first group. Looking for the "@" first and then back, at most 254
 * characters, keeps the work in proportion to the text: looking for local parts would try each of its places.
 */
const EMAIL = new RegExp(
  `(?:${AT})(?<=${NOT_IN_ESCAPE}((?:${ENCODED}|${LOCAL}){1,254})(?:${AT}))${DOMAIN}`,
  'giu',
)
const AT_SIGN = new RegExp(AT, 'i')
/** E.164, as Shopify writes phone numbers. */
const PHONE = /(?:\+|%2B)\d{7,15}(?!\d)/gi
/** Credentials as they may appear in text: bearer tokens and the vendors' key prefixes. */
const TOKEN =
  /\b(?:Bearer\s+[^\s"\\]+|(?:shp(?:at|ca|pa|ss|rt|ua)|tm_live|tm_test|ak_live|ak|sk_live)_[A-Za-z0-9_-]{6,})/g

/** What every address, phone number or credential has something of; most text has none of it. */
const SUSPECT = new RegExp(`${AT}|\\+|%2B|Bearer|_`, 'i')

/** "…" and the last four characters; all of it hidden when that would show half or more. */
export function maskSecret(value: string): string {
  return value.length < 9 ? '…' : `…${value.slice(-4)}`
}

/** First letter and domain: "j…@example.com". */
export function maskEmail(value: string): string {
  const at = value.search(AT_SIGN)
  return at < 1 ? '…' : `${firstLetter(value)}…${value.slice(at)}`
}

/** The last two digits: "…21". */
export function maskPhone(value: string): string {
  return `…${value.slice(-2)}`
}

/** Text with e-mail addresses, phone numbers and credentials masked; everything else as it is. */
export function scrub(text: string): string {
  if (!SUSPECT.test(text)) return text
  return maskAddresses(text.replace(TOKEN, '[credential]')).replace(PHONE, maskPhone)
}

function maskAddresses(text: string): string {
  if (!AT_SIGN.test(text)) return text
  let masked = ''
  let done = 0
  for (const { 0: fromAt, 1: local = '', index } of text.matchAll(EMAIL)) {
    const start = Math.max(done, index - local.length)
    masked += `${text.slice(done, start)}${firstLetter(text.slice(start, index))}…${fromAt}`
    done = index + fromAt.length
  }
  return masked + text.slice(done)
}

/** A JSON value with every string (and key) scrubbed; names stay, since they are no person's. */
export function scrubJson(value: unknown): unknown {
  return mask(value, null, { secrets: NO_SECRETS, personal: false, depth: 0 })
}

/**
 * A JSON value with personal fields masked by name, e-mail addresses masked anywhere (inside encoded JSON
 * strings too), and each of the given secrets masked wherever it stands, as text or as a number. What is nested deeper than 64 levels
 * is left out.
 */
export function maskJson(value: unknown, secrets: readonly string[] = NO_SECRETS): unknown {
  return mask(value, null, { secrets, personal: true, depth: 0 })
}

const NO_SECRETS: readonly string[] = []

type Place = {
  secrets: readonly string[]
  /** Whether keys name personal fields here. */
  personal: boolean
  depth: number
}

/** @param key that the value stands under; null where a key says nothing about a person */
function mask(value: unknown, key: string | null, place: Place): unknown {
  const { secrets, depth } = place
  const isPersonal = place.personal && key !== null && isPersonalKey(key)
  if (typeof value === 'string') return isPersonal ? maskPersonal(value) : clean(value, secrets)
  if (typeof value === 'number' && (isPersonal || secrets.includes(String(value)))) return '…'
  if (value === null || typeof value !== 'object') return value
  if (depth >= MAX_DEPTH) return '…'
  // Under "errors" a field's name leads to what is wrong with the field.
  const personal = place.personal && key !== 'errors'
  const below = { secrets, personal: Array.isArray(value) ? place.personal : personal, depth: depth + 1 }
  if (Array.isArray(value)) return value.map(item => mask(item, key, below))
  // A product has a name too, and it is no person's.
  const ofProduct = 'productId' in value || 'product_id' in value || 'sku' in value
  const masked: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    put(masked, clean(name, secrets), mask(item, ofProduct && name === 'name' ? null : name, below))
  }
  return masked
}

/** JSON may have a key that means something else to an assignment. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  else object[key] = value
}

/** The secrets first: what scrubbing leaves of one would not be recognised any more. */
function clean(text: string, secrets: readonly string[]): string {
  return scrub(hideSecrets(text, secrets))
}

/** A person's own words or name: first letter only; an address also shows its domain. */
function maskPersonal(value: string): string {
  if (value === '') return value
  return /^[^\s@]+@[\p{L}\p{N}.-]+$/u.test(value) ? maskEmail(value) : `${firstLetter(value)}…`
}

/** Nothing of an empty text. */
function firstLetter(value: string): string {
  const [letter = ''] = value
  return letter
}

/** "First-Name", "firstName" and "first_name" are one key. */
function isPersonalKey(key: string): boolean {
  const before = judged.get(key)
  if (before !== undefined) return before
  const personal = PERSONAL_KEYS.has(key.toLowerCase().replace(/[^a-z0-9]/g, ''))
  if (judged.size < JUDGED_KEYS) judged.set(key, personal)
  return personal
}

/** Nearly all keys are those of the vendors' documentation; what else an answer holds must not fill the memory. */
const JUDGED_KEYS = 2_000
const judged = new Map<string, boolean>()

/** Headers in which a vendor here is told who asks, in small letters: both halves of a pair. */
const SIGNING = new Set([
  ...['authorization', 'key', 'x-api-key'],
  ...['x-app-id', 'x-app-token', 'x-client-application-id', 'x-client-token'],
])

/** A request's headers with what signs it in masked, also of one that was kept before that was. What is masked stays as it is. */
export function maskSigning(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      SIGNING.has(name.toLowerCase()) && !value.includes('…') ? maskSecret(value) : value,
    ]),
  )
}

/** Text in which each of the secrets is masked wherever it stands: as it is, in an address, or in a JSON text. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  let hidden = text
  for (const { form, masked } of formsOf(secrets)) {
    if (hidden.length >= form.length && hidden.includes(form)) hidden = hidden.replaceAll(form, () => masked)
  }
  return hidden
}

type Form = { form: string; masked: string }

/** A connection's secrets are looked for in every string that is kept of its requests: their forms are made once. */
const known = new WeakMap<readonly string[], Form[]>()

/** The forms of each secret, the longest first: one secret may contain another, and the rest would not be recognised. */
function formsOf(secrets: readonly string[]): Form[] {
  const before = known.get(secrets)
  if (before) return before
  // Most secrets look the same in all three.
  const unique = new Map(
    secrets.flatMap(secret =>
      [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)].map(
        form => [form, maskSecret(secret)] as const,
      ),
    ),
  )
  const forms = [...unique]
    .flatMap(([form, masked]) => (form === '' ? [] : { form, masked }))
    .sort((a, b) => b.form.length - a.form.length)
  known.set(secrets, forms)
  return forms
}
