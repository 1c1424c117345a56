/**
 * Single sign-on by OpenID Connect: the authorization code flow with PKCE, state and nonce
 * (https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth, RFC 9700).
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import { z } from 'zod'

export type OidcConfig = { issuer: string; clientId: string; clientSecret: string }

/** What is remembered of a sign-in while the person is at the provider. */
export type OidcAttempt = { state: string; nonce: string; verifier: string }

/** Whom the provider vouches for. `email`: null unless the provider says that it is verified. */
export type OidcPerson = { issuer: string; subject: string; email: string | null }

export type Oidc = {
  /** @returns where the browser is sent @throws when the provider cannot be asked */
  begin(): Promise<{ address: string; attempt: OidcAttempt }>
  /**
   * @param search what the provider gave the browser, as the query of the callback's address
   * @throws when it does not belong to the attempt, or the provider does not vouch for it
   */
  finish(search: URLSearchParams, attempt: OidcAttempt): Promise<OidcPerson>
}

const SCOPE = 'openid email'
const TIMEOUT_SECONDS = 10
/** What a provider says of itself may change, such as its addresses; its keys the library fetches anew by itself. */
const KNOWN_FOR_MS = 3600_000

const claimsSchema = z.object({
  sub: z.string().min(1),
  email: z.string().optional(),
  // Some providers write it as a text.
  email_verified: z.union([z.boolean(), z.stringbool()]).optional(),
})

/** @param callback the address to which the provider sends the browser back, as it is registered there */
export function createOidc({ issuer, clientId, clientSecret }: OidcConfig, callback: string): Oidc {
  let known: { provider: Promise<Configuration>; until: number } | null = null

  /** Asked when it is needed first: a provider that is away stops nothing but signing in. */
  function provider(): Promise<Configuration> {
    if (known && known.until > Date.now()) return known.provider
    const asked = discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: TIMEOUT_SECONDS,
      ...(issuer.startsWith('http:') && { execute: [allowInsecureRequests] }),
    })
    const mine = { provider: asked, until: Date.now() + KNOWN_FOR_MS }
    known = mine
    asked.catch(() => {
      if (known === mine) known = null
    })
    return asked
  }

  return {
    async begin() {
      const config = await provider()
      const attempt = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
      const address = buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: SCOPE,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
      })
      return { address: address.href, attempt }
    },
    async finish(search, { state, nonce, verifier }) {
      const config = await provider()
      const tokens = await authorizationCodeGrant(config, new URL(`${callback}?${search}`), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      const claims = claimsSchema.parse(tokens.claims())
      // Whether the e-mail stands in the token or is to be asked for is the provider's choice (OpenID Connect Core, 5.4).
      const told =
        claims.email === undefined
          ? claimsSchema.parse(await fetchUserInfo(config, tokens.access_token, claims.sub))
          : claims
      const email = told.email_verified === true ? (told.email ?? null) : null
      return { issuer: config.serverMetadata().issuer, subject: claims.sub, email }
    },
  }
}
