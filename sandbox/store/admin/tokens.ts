/**
 * Tokens of the stand-in: offline ones that expire, each refresh giving a new pair. Stricter than Shopify in two ways: a refresh
 * token is good for one use (Shopify accepts the last one again until its successor is used), and the access token before ends
 * with the refresh.
 */
import { randomBytes } from 'node:crypto'
import type { Grant } from './contract.ts'

/** https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens */
const ACCESS_SECONDS = 3600
const REFRESH_SECONDS = 90 * 24 * 3600

export type Tokens = ReturnType<typeof createTokens>

export function createTokens(scopes: readonly string[]) {
  const access = new Map<string, string>()
  const refresh = new Map<string, string>()
  const used = new Map<string, string>()
  let reused = 0

  function end(tokens: Map<string, string>, shop: string): void {
    for (const [token, owner] of tokens) if (owner === shop) tokens.delete(token)
  }
  function grant(shop: string): Grant {
    end(access, shop)
    end(refresh, shop)
    const pair = { access_token: made('shpat'), refresh_token: made('shprt') }
    access.set(pair.access_token, shop)
    refresh.set(pair.refresh_token, shop)
    return {
      ...pair,
      scope: scopes.join(','),
      expires_in: ACCESS_SECONDS,
      refresh_token_expires_in: REFRESH_SECONDS,
    }
  }

  return {
    grant,
    endAccess: (shop: string) => end(access, shop),
    revoke(shop: string) {
      end(access, shop)
      end(refresh, shop)
    },
    shopOf: (accessToken: string): string | null => access.get(accessToken) ?? null,
    /** Whose refresh token it is or was. */
    ownerOf: (refreshToken: string): string | null =>
      refresh.get(refreshToken) ?? used.get(refreshToken) ?? null,
    /** @returns null when it is not accepted */
    refresh(refreshToken: string): Grant | null {
      const shop = refresh.get(refreshToken)
      if (used.has(refreshToken)) reused += 1
      if (shop === undefined) return null
      used.set(refreshToken, shop)
      return grant(shop)
    },
    reused: () => reused,
  }
}

const made = (prefix: string) => `${prefix}_${randomBytes(16).toString('hex')}`
