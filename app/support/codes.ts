/** One-time codes of support's accounts (RFC 6238): six digits from a secret that the account's phone has as well. */
import { Secret, TOTP } from 'otpauth'
import type { Sealer } from '../secrets/seal.ts'

/** What authenticator apps take for granted: many ignore it where an address says otherwise. */
const CODE = { issuer: 'Sluice support', algorithm: 'SHA1', digits: 6, period: 30 }
/** Clocks differ: the code before and the one after count as well (RFC 6238, 5.2). */
const WINDOW = 1
/** As RFC 4226, 4, recommends. */
const SECRET_BYTES = 20

const totpOf = (secret: string, label = '') => new TOTP({ ...CODE, label, secret: Secret.fromBase32(secret) })

/** @returns a new secret in base32 */
export const newCodeSecret = (): string => new Secret({ size: SECRET_BYTES }).base32

/** What an authenticator app reads, as text or as a picture: `otpauth://totp/…`. */
export const codeAddress = (email: string, secret: string): string => totpOf(secret, email).toString()

/** The code of a moment. */
export const codeAt = (secret: string, at: Date): string =>
  totpOf(secret).generate({ timestamp: at.getTime() })

/**
 * @param code as typed; blanks within it do not count
 * @returns the step of 30 seconds since 1970 that the code belongs to; null: it is not a code of this time
 */
export function stepOfCode(secret: string, code: string, at: Date): number | null {
  const token = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return null
  const totp = totpOf(secret)
  const delta = totp.validate({ token, timestamp: at.getTime(), window: WINDOW })
  return delta === null ? null : totp.counter({ timestamp: at.getTime() }) + delta
}

export const codeContext = (email: string) => ['support', email]

export const sealCodeSecret = (sealer: Sealer, email: string, secret: string): string =>
  sealer.seal(secret, codeContext(email))

/** @returns null where the secret does not unseal: its key is not configured any more */
export const unsealCodeSecret = (sealer: Sealer, email: string, sealed: string): string | null =>
  sealer.tryUnseal(sealed, codeContext(email))
