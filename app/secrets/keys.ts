/** Names a key in sealed values. */
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/
const KEY_BYTES = 32

/** A key of AES-256-GCM and the name that sealed values carry of it. */
export type SealingKey = { readonly id: string; readonly bytes: Buffer }

/** The text that should name the keys is wrong. The message is one sentence and holds no key. */
export class KeysError extends Error {
  override name = 'KeysError'
}

/**
 * Reads `id:key[,id:key…]`, each key 32 bytes in base64. The first key seals, all unseal: to rotate, put the new
 * key first and keep the old ones until everything is sealed anew.
 * @throws KeysError naming the key by its id or its place
 */
export function parseKeys(text: string): readonly SealingKey[] {
  if (text.trim() === '') {
    throw new KeysError('SLUICE_SECRETS_KEYS is empty; set it to id:key with 32 random bytes in base64.')
  }
  const keys = text.split(',').map((entry, index) => parseKey(entry.trim(), index + 1))
  const twice = keys.find((key, index) => keys.findIndex(other => other.id === key.id) !== index)
  if (twice)
    throw new KeysError(`SLUICE_SECRETS_KEYS has two keys named "${twice.id}"; give each its own id.`)
  return keys
}

function parseKey(entry: string, place: number): SealingKey {
  const colon = entry.indexOf(':')
  const id = entry.slice(0, Math.max(colon, 0))
  // An entry without its id may be a bare key, so the message names its place and repeats nothing of it.
  if (!KEY_ID.test(id)) {
    throw new KeysError(
      `Key number ${place} of SLUICE_SECRETS_KEYS has no usable id; write id:key, the id of up to 32 letters, digits, "-" or "_".`,
    )
  }
  const encoded = entry.slice(colon + 1)
  const bytes = Buffer.from(encoded, 'base64')
  if (!isBase64(encoded, bytes) || bytes.length !== KEY_BYTES) {
    throw new KeysError(
      `Key "${id}" of SLUICE_SECRETS_KEYS is not ${KEY_BYTES} bytes in base64; make one with "openssl rand -base64 32".`,
    )
  }
  return { id, bytes }
}

/** Node decodes base64 leniently: only text that its bytes give back was base64. */
function isBase64(text: string, bytes: Buffer): boolean {
  const unpadded = (value: string) => value.replace(/=+$/, '')
  const standard = text.replaceAll('-', '+').replaceAll('_', '/')
  return unpadded(bytes.toString('base64')) === unpadded(standard)
}
