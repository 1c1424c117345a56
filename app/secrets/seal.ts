import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import type { SealingKey } from './keys.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1'

/**
 * Seals secrets and personal fields for storage. The context (shop, then vendor or purpose) is bound to the
 * sealed value: a value moved to another shop's row does not unseal.
 */
export type Sealer = {
  /** @returns `v1.<key id>.<base64url of nonce, ciphertext and tag>`, different at every call */
  seal(plaintext: string, context: readonly string[]): string
  /**
   * @returns the plaintext that was sealed with the same context
   * @throws UnknownKeyError when its key is not among the configured ones
   * @throws TamperedError when the value or the context is not the one that was sealed
   */
  unseal(sealed: string, context: readonly string[]): string
  /**
   * As `unseal`, for values without which the work can go on: null for one that does not unseal, which is reported
   * to the sealer's `onUnreadable`.
   */
  tryUnseal(sealed: string, context: readonly string[]): string | null
  /** @returns the bytes of `v1.<key id>.`, then nonce, ciphertext and tag */
  sealBytes(plain: Uint8Array, context: readonly string[]): Buffer
  /** Throws as `unseal` does. */
  unsealBytes(sealed: Uint8Array, context: readonly string[]): Buffer
  /**
   * By which a sealed text is found again: the same for the same text and context, and of no use to whoever has no key.
   * @returns `<key id>.<HMAC-SHA256 in base64url>`, one for each key; the first is the one to keep
   */
  marks(text: string, context: readonly string[]): [string, ...string[]]
}

/** A sealed value that names a key which is not configured. */
export class UnknownKeyError extends Error {
  override name = 'UnknownKeyError'
  readonly keyId: string
  constructor(keyId: string) {
    super(`A stored secret was sealed with the key "${keyId}"; add that key to SLUICE_SECRETS_KEYS again.`)
    this.keyId = keyId
  }
}

/** A sealed value that was changed, cut, or moved from where it belongs. */
export class TamperedError extends Error {
  override name = 'TamperedError'
  constructor() {
    super('A stored secret does not unseal: it was changed, or it belongs to another shop or purpose.')
  }
}

/**
 * AES-256-GCM with a random 96-bit nonce: one key is good for 2^32 sealings (NIST SP 800-38D, 8.3).
 * @param keys as `parseKeys` gives them: the first seals, all unseal
 * @param onUnreadable told of every value that `tryUnseal` could not open; the error holds nothing of it
 */
export function createSealer(
  keys: readonly SealingKey[],
  onUnreadable: (error: unknown) => void = () => {},
): Sealer {
  const [first] = keys
  if (!first) throw new Error('A sealer needs at least one key.')
  const keyObjects = new Map(keys.map(key => [key.id, createSecretKey(key.bytes)]))
  // One key, one use: what marks is derived from what seals (RFC 5869).
  const markers = new Map(
    keys.map(({ id, bytes }) => [id, hkdfSync('sha256', bytes, '', 'mark of an address', 32)]),
  )
  const current = createSecretKey(first.bytes)
  const opened = ({ keyId, body }: Parts, context: readonly string[]) => {
    const key = keyObjects.get(keyId)
    if (!key) throw new UnknownKeyError(keyId)
    return openBody(body, context, keyId, key)
  }
  const open: Sealer['unseal'] = (sealed, context) => asText(opened(parts(sealed), context))
  return {
    seal(plaintext, context) {
      // As JSON, because UTF-8 cannot carry a lone surrogate and would change it silently.
      const body = sealBody(Buffer.from(JSON.stringify(plaintext), 'utf8'), context, first.id, current)
      return `${prefixOf(first.id)}${body.toString('base64url')}`
    },
    unseal: open,
    sealBytes: (plain, context) =>
      Buffer.concat([Buffer.from(prefixOf(first.id)), sealBody(plain, context, first.id, current)]),
    unsealBytes: (sealed, context) => opened(partsOfBytes(sealed), context),
    marks(text, context) {
      const marked = JSON.stringify([...context, text])
      const [mark = '', ...older] = [...markers].map(([id, key]) => {
        const digest = createHmac('sha256', Buffer.from(key)).update(marked).digest('base64url')
        return `${id}.${digest}`
      })
      return [mark, ...older]
    },
    tryUnseal(sealed, context) {
      try {
        return open(sealed, context)
      } catch (error) {
        onUnreadable(error)
        return null
      }
    },
  }
}

/**
 * The id of the key that sealed a value, to find what is still sealed with an old key.
 * @throws TamperedError when the text is no sealed value
 */
export function keyIdOf(sealed: string): string {
  return parts(sealed).keyId
}

/** Random bytes are fetched many at a time: a call for twelve costs as much as sealing itself. Each is used once. */
let nonces = Buffer.alloc(0)

function nextNonce(): Buffer {
  if (nonces.length < NONCE_BYTES) nonces = randomBytes(NONCE_BYTES * 256)
  const nonce = nonces.subarray(0, NONCE_BYTES)
  nonces = nonces.subarray(NONCE_BYTES)
  return nonce
}

const prefixOf = (keyId: string) => `${VERSION}.${keyId}.`

function sealBody(plain: Uint8Array, context: readonly string[], keyId: string, key: KeyObject): Buffer {
  const nonce = nextNonce()
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associatedData(keyId, context))
  const ciphertext = cipher.update(plain)
  return Buffer.concat([nonce, ciphertext, cipher.final(), cipher.getAuthTag()])
}

/** @throws TamperedError */
function openBody(body: Buffer, context: readonly string[], keyId: string, key: KeyObject): Buffer {
  const nonce = body.subarray(0, NONCE_BYTES)
  const tag = body.subarray(body.length - TAG_BYTES)
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(associatedData(keyId, context))
    decipher.setAuthTag(tag)
    const ciphertext = body.subarray(NONCE_BYTES, body.length - TAG_BYTES)
    return Buffer.concat([decipher.update(ciphertext), decipher.final()])
  } catch {
    throw new TamperedError()
  }
}

function asText(plain: Buffer): string {
  try {
    return JSON.parse(plain.toString('utf8'))
  } catch {
    // The cause stays out: a parser's message would quote the plaintext.
    throw new TamperedError()
  }
}

/** JSON keeps ["a","b"] and ["ab"] apart, which joining would not. */
function associatedData(keyId: string, context: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId, ...context]), 'utf8')
}

type Parts = { keyId: string; body: Buffer }

function parts(sealed: string): Parts {
  const [version, keyId, encoded, more] = sealed.split('.')
  if (version !== VERSION || !keyId || !encoded || more !== undefined) throw new TamperedError()
  const body = Buffer.from(encoded, 'base64url')
  // Node skips characters that are no base64; a changed value must not pass for the original.
  if (body.toString('base64url') !== encoded) throw new TamperedError()
  return longEnough({ keyId, body })
}

function partsOfBytes(sealed: Uint8Array): Parts {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  const dot = bytes.indexOf('.', VERSION.length + 1)
  const prefix = bytes.toString('latin1', 0, dot + 1)
  const keyId = prefix.slice(VERSION.length + 1, -1)
  if (dot === -1 || !keyId || prefix !== prefixOf(keyId)) throw new TamperedError()
  return longEnough({ keyId, body: bytes.subarray(dot + 1) })
}

/** @throws TamperedError */
function longEnough(found: Parts): Parts {
  if (found.body.length < NONCE_BYTES + TAG_BYTES) throw new TamperedError()
  return found
}
