/**
 * Masking: what is stored of requests and answers, and what a log line may hold. Masked values keep enough
 * to recognise ("j…@example.com", "…a1b2") and not enough to use.
 */

/** JSON keys whose string values are personal at every vendor here. */
const PERSONAL_KEYS = new Set([
  'email',
  'email_address',
  'phone',
  'name',
  'first_name',
  'last_name',
  'surname',
  'city',
  'county',
  'street',
  'zip',
  'postal_code',
  'line_1',
  'line_2',
  'birthdate',
])

/** The local part up to the last character, then the domain: RFC 5321's shape, read generously. */
const EMAIL = /[^\s"'<>()[\]{},;:\\/?&=@%]+(?:@|%40)(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}/gi
/** Credentials as they may appear in text: bearer tokens and the vendors' key prefixes. */
const TOKEN =
  /\b(?:Bearer\s+\S+|(?:shp(?:at|ca|pa|ss|rt|ua)|tm_live|tm_test|ak_live|ak|sk_live)_[A-Za-z0-9_-]{6,})/g

/** "…" and the last four characters; all of it hidden when that would show half or more. */
export function maskSecret(value: string): string {
  return value.length < 9 ? '…' : `…${value.slice(-4)}`
}

/** First letter and domain: "j…@example.com". */
export function maskEmail(value: string): string {
  const at = value.search(/@|%40/)
  return at < 1 ? '…' : `${value.slice(0, 1)}…${value.slice(at)}`
}

/** Text with e-mail addresses and credentials masked; everything else as it is. */
export function scrub(text: string): string {
  return text.replace(EMAIL, maskEmail).replace(TOKEN, '[credential]')
}

/** A person's own words or name: first letter only. */
function maskPersonal(value: string): string {
  const masked = scrub(value)
  return masked === value ? `${value.slice(0, 1)}…` : masked
}

/**
 * A JSON value with personal fields masked by name, e-mail addresses masked anywhere (inside encoded JSON
 * strings too), and each of the given secrets masked wherever it stands.
 */
export function maskJson(value: unknown, secrets: readonly string[] = []): unknown {
  return mask(value, null, secrets)
}

function mask(value: unknown, key: string | null, secrets: readonly string[]): unknown {
  if (typeof value === 'string') {
    if (key !== null && PERSONAL_KEYS.has(key.toLowerCase()) && value !== '') return maskPersonal(value)
    return hideSecrets(scrub(value), secrets)
  }
  // A product has a name too, and it is no person's.
  if (Array.isArray(value)) return value.map(item => mask(item, null, secrets))
  if (value !== null && typeof value === 'object') {
    const inProduct = 'productId' in value || 'product_id' in value || 'sku' in value
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [k, mask(v, inProduct && k === 'name' ? null : k, secrets)]),
    )
  }
  return value
}

/** Text in which each of the secrets is masked wherever it stands. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (result, secret) => (secret ? result.replaceAll(secret, maskSecret(secret)) : result),
    text,
  )
}
