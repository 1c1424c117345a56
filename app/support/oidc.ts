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
  /**
   * Asks the provider what it says of itself: a browser that is sent to one that does not answer would show an error of its own.
   * @returns where the browser is sent
   * @throws ProviderAway when it does not answer; otherwise when what it says is of no use
   */
  begin(): Promise<{ address: string; attempt: OidcAttempt }>
  /**
   * @param search what the provider gave the browser, as the query of the callback's address
   * @throws ProviderAway when the provider does not answer; otherwise when it does not belong to the attempt, or is not vouched for
   */
  finish(search: URLSearchParams, attempt: OidcAttempt): Promise<OidcPerson>
}

/** The provider does not answer, or says that it cannot. */
export class ProviderAway extends Error {
  override name = 'ProviderAway'
}

/** An error of the library, or what it has as a cause, such as the answer that it could not take. */
type Cause = Record<string, unknown>

function hasCause(error: unknown, isIt: (cause: Cause) => boolean, deep = 0): boolean {
  if (typeof error !== 'object' || error === null || deep > DEEPEST) return false
  const cause = error as Cause
  return isIt(cause) || hasCause(cause.cause, isIt, deep + 1)
}

const TOO_MANY_REQUESTS = 429
const hadEnough = (error: unknown) => hasCause(error, ({ status }) => status === TOO_MANY_REQUESTS)

/** No connection (the platform's `fetch`), no answer in time, or an answer that says so: a 5xx, or that it had too many questions. */
const saysAway = (error: unknown) =>
  hadEnough(error) ||
  hasCause(error, ({ name, code, status, message }) => {
    const isUnanswered = name === 'TimeoutError' || code === 'OAUTH_TIMEOUT' || message === 'fetch failed'
    return isUnanswered || (typeof status === 'number' && status >= 500)
  })

/** An error and what caused it in a line, as far as tells it from others: their words, and the statuses of answers. */
export function wordsOfAll(error: unknown): string {
  const words: unknown[] = []
  hasCause(error, ({ message, status }) => {
    words.push(message, status)
    return false
  })
  return words.filter(word => typeof word === 'string' || typeof word === 'number').join(' ')
}

const DEEPEST = 5
const SCOPE = 'openid email'
const TIMEOUT_SECONDS = 10
/** Anybody may begin, as often as they like: the provider is asked what it says of itself no oftener than so, whatever came of it. */
const FRESH_MS = 1_000

const claimsSchema = z.object({
  sub: z.string().min(1),
  email: z.string().optional(),
  // Some providers write it as a text.
  email_verified: z.union([z.boolean(), z.stringbool()]).optional(),
})

/** @param callback the address to which the provider sends the browser back, as it is registered there */
export function createOidc({ issuer, clientId, clientSecret }: OidcConfig, callback: string): Oidc {
  let known: Configuration | null = null
  let asking: Promise<Configuration> | null = null
  let last: ({ config: Configuration } | { error: unknown }) | null = null
  let freshUntil = 0

  /** Many at once ask together. A provider that is away stops nothing but signing in. */
  async function ask(): Promise<Configuration> {
    if (last && performance.now() < freshUntil) {
      if ('error' in last) throw last.error
      return last.config
    }
    asking ??= discovered().finally(() => {
      asking = null
      freshUntil = performance.now() + FRESH_MS
    })
    return asking
  }

  /** What it says of itself may change, such as its addresses; its keys the library fetches anew by itself. */
  async function discovered(): Promise<Configuration> {
    try {
      known = await discovery(new URL(issuer), clientId, clientSecret, undefined, {
        timeout: TIMEOUT_SECONDS,
        ...(issuer.startsWith('http:') && { execute: [allowInsecureRequests] }),
      })
    } catch (error) {
      // Too many questions: what it said before does. Anything else, such as another issuer, is nothing to send a browser to.
      if (known === null || !hadEnough(error)) {
        last = { error }
        throw error
      }
    }
    last = { config: known }
    return known
  }

  /** @throws ProviderAway in place of what says so; what was given otherwise */
  function notThere(error: unknown): never {
    throw saysAway(error) ? new ProviderAway('the provider does not answer', { cause: error }) : error
  }

  return {
    async begin() {
      const config = await ask().catch(notThere)
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
      const config = known ?? (await ask().catch(notThere))
      const tokens = await authorizationCodeGrant(config, new URL(`${callback}?${search}`), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      }).catch(notThere)
      const claims = claimsSchema.parse(tokens.claims())
      // Whether the e-mail stands in the token or is to be asked for is the provider's choice (OpenID Connect Core, 5.4).
      const told =
        claims.email === undefined
          ? claimsSchema.parse(await fetchUserInfo(config, tokens.access_token, claims.sub).catch(notThere))
          : claims
      const email = told.email_verified === true ? (told.email ?? null) : null
      return { issuer: config.serverMetadata().issuer, subject: claims.sub, email }
    },
  }
}
