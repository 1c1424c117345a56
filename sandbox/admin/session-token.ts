/**
 * Session tokens as Shopify signs them for an app in its admin
 * (https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens): HS256 with the app's secret, for a minute.
 */
import { randomUUID } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'

/** The member of staff who has the stand-in admin open; digits. */
const STAFF = '70600000001'

export type SessionTokenOptions = {
  /** "name.myshopify.com" */
  shop: string
  apiKey: string
  apiSecret: string
  /** How long it lasts, in seconds; less than 0: it is over. */
  seconds?: number
}

export async function sessionToken({
  shop,
  apiKey,
  apiSecret,
  seconds = 60,
}: SessionTokenOptions): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ dest: `https://${shop}`, sid: randomUUID() })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(`https://${shop}/admin`)
    .setAudience(apiKey)
    .setSubject(STAFF)
    .setJti(randomUUID())
    .setIssuedAt(now + Math.min(0, seconds) - 60)
    .setNotBefore(now + Math.min(0, seconds) - 60)
    .setExpirationTime(now + seconds)
    .sign(new TextEncoder().encode(apiSecret))
}

/** @returns the shop that a token is for; null when it is not one of this app's, or over */
export async function shopOfToken(
  token: string,
  { apiKey, apiSecret }: { apiKey: string; apiSecret: string },
): Promise<string | null> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(apiSecret), { audience: apiKey })
    return new URL(String(payload.dest)).hostname
  } catch {
    return null
  }
}
