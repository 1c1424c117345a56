/** What an installation gives, as the session that Shopify's library makes of it (its offline id and times). */
import { Session } from '@shopify/shopify-api'
import type { Grant } from './contract.ts'

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000)

export function offlineSession(shop: string, grant: Grant, over: Partial<Session> = {}): Session {
  return new Session({
    id: `offline_${shop}`,
    shop,
    state: '',
    isOnline: false,
    scope: grant.scope,
    accessToken: grant.access_token,
    refreshToken: grant.refresh_token,
    expires: inSeconds(grant.expires_in),
    refreshTokenExpires: inSeconds(grant.refresh_token_expires_in),
    ...over,
  })
}
