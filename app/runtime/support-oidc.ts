/** Single sign-on over HTTP: to the provider and back, and what the browser keeps meanwhile. */
import { redirect } from '@remix-run/node'
import type { Pool } from 'pg'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { z } from 'zod'
import { isUnavailable } from '../db/database.ts'
import type { Log } from '../log.ts'
import { maskEmail } from '../privacy/mask.ts'
import type { Sealer } from '../secrets/seal.ts'
import { writeAudit } from '../support/audit.ts'
import { createOidc, type OidcConfig, type OidcPerson, ProviderAway, wordsOfAll } from '../support/oidc.ts'
import { type OidcRefusal, signInByOidc } from '../support/oidc-sign-in.ts'
import type { Throttle } from '../support/throttle.ts'
import { networkOfAddress } from './address.ts'
import { browserOf, type ConsoleCookies, cookieOf, OIDC_SECONDS, ownPath } from './support-request.ts'

export type SupportOidc = {
  /** @returns a redirect to the provider, or back to where one signs in when it does not answer */
  begin(request: Request): Promise<Response>
  /** @returns a page that goes on by itself with the session's cookie, or a redirect that says why not */
  finish(request: Request): Promise<Response>
}

export type SupportOidcContext = {
  pool: Pool
  sealer: Sealer
  log: Log
  appUrl: string
  trustedProxies: number
  cookies: ConsoleCookies
  throttle: Throttle
  oidc: OidcConfig
}

/** What is registered with the provider, after the app's address. */
const CALLBACK = '/support/oidc/callback'
const SEALED_FOR = ['support', 'oidc']
const keptSchema = z.object({
  attempt: z.object({ state: z.string(), nonce: z.string(), verifier: z.string() }),
  to: z.string(),
  until: z.number(),
})
type Kept = z.infer<typeof keptSchema>
/** Of one thing that the provider does wrong a line of the log in that time, as the audit has of each kind. */
const LOGGED_AGAIN = { points: 1, duration: 15 * 60 }

export function createSupportOidc(context: SupportOidcContext): SupportOidc {
  const { pool, sealer, log, appUrl, trustedProxies, cookies, throttle } = context
  const oidc = createOidc(context.oidc, `${appUrl}${CALLBACK}`)
  const logged = new RateLimiterMemory(LOGGED_AGAIN)

  async function keptBy(request: Request): Promise<Kept | null> {
    const sealed = await cookieOf(request, cookies.oidc)
    if (sealed === null) return null
    try {
      const kept = keptSchema.parse(JSON.parse(sealer.unseal(sealed, SEALED_FOR)))
      return kept.until > Date.now() ? kept : null
    } catch {
      return null
    }
  }

  /** Back to where one signs in: whatever was begun counts no more. */
  async function turnedAway(
    why: OidcRefusal | 'expired' | 'failed' | 'away' | 'wait',
    to: string,
  ): Promise<Response> {
    const gone = await cookies.oidc.serialize('', { maxAge: 0 })
    return redirect(`/support/sign-in?${new URLSearchParams({ why, to })}`, {
      headers: { 'set-cookie': gone },
    })
  }

  const tellOf = (address: string | null, why: string) =>
    writeAudit(pool, { actor: 'nobody', role: null, address }, [
      { action: 'sign_in_failed', reason: `single sign-on: ${why}` },
    ])

  /**
   * In the log and the audit, once in a while: anybody may try again and again. The log needs no database for it, and has each
   * other error besides: who mends a wrong setting into another wrong one looks there.
   */
  async function tellOfAway(request: Request, err: unknown): Promise<void> {
    const why =
      err instanceof ProviderAway
        ? 'the provider does not answer'
        : 'what the provider says of itself is of no use'
    await logged.consume(wordsOfAll(err)).then(
      () => log.error({ err }, `single sign-on: ${why}`),
      () => {},
    )
    try {
      if (await throttle.isFirstRefusal('away', why))
        await tellOf(browserOf(request, trustedProxies).address, why)
    } catch (error) {
      unavailable(error)
    }
  }

  return {
    async begin(request) {
      const to = ownPath(new URL(request.url).searchParams.get('to'))
      try {
        const { address, attempt } = await oidc.begin()
        const kept: Kept = { attempt, to, until: Date.now() + OIDC_SECONDS * 1000 }
        const cookie = await cookies.oidc.serialize(sealer.seal(JSON.stringify(kept), SEALED_FOR))
        return redirect(address, { headers: { 'set-cookie': cookie } })
      } catch (err) {
        await tellOfAway(request, err)
        return turnedAway('away', to)
      }
    },
    async finish(request) {
      const kept = await keptBy(request)
      if (!kept) return turnedAway('expired', ownPath(null))
      const browser = browserOf(request, trustedProxies)
      const network = networkOfAddress(browser.address)
      const stopped = await throttle.takeCallback(network).catch(unavailable)
      if (stopped) {
        if (stopped.first) await tellOf(browser.address, 'too many attempts').catch(unavailable)
        return turnedAway('wait', kept.to)
      }
      let person: OidcPerson
      try {
        person = await oidc.finish(new URL(request.url).searchParams, kept.attempt)
      } catch (err) {
        if (err instanceof ProviderAway) {
          await tellOfAway(request, err)
          await throttle.giveBackUnanswered(network).catch(unavailable)
          return turnedAway('away', kept.to)
        }
        // Anybody can send anything here, so it is told in the log alone: the audit is kept for good.
        log.warn({ err }, 'single sign-on failed')
        return turnedAway('failed', kept.to)
      }
      const done = await signInByOidc({ pool, throttle, mask: maskEmail }, person, browser).catch(unavailable)
      if (done.kind === 'refused') return turnedAway(done.why, kept.to)
      await throttle.giveBackCallback(network).catch(unavailable)
      const headers = new Headers({ 'content-type': 'text/html; charset=utf-8' })
      headers.append('set-cookie', await cookies.session.serialize(done.token))
      headers.append('set-cookie', await cookies.oidc.serialize('', { maxAge: 0 }))
      return new Response(onwards(ownPath(kept.to)), { headers })
    },
  }
}

/** @throws Response 503 when the database cannot be asked */
function unavailable(error: unknown): never {
  throw isUnavailable(error) ? new Response(null, { status: 503 }) : error
}

/**
 * A redirect here would still be the other site's, and the browser would not send a strict cookie with it; a page of our own that goes
 * on is not (https://developer.mozilla.org/docs/Web/HTTP/Guides/Cookies#controlling_third-party_cookies_with_samesite).
 */
function onwards(path: string): string {
  const escaped = path.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Signed in</title>
<meta http-equiv="refresh" content="0;url=${escaped}"></head><body><p>You are signed in. <a href="${escaped}">Go on</a></p></body></html>`
}
