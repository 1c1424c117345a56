/** What a request to the support console says of itself: where it comes from, and the cookies it brings. */
import { type Cookie, createCookie } from '@remix-run/node'
import type { Browser } from '../support/sessions.ts'
import { writtenAddress } from './address.ts'
import { REMOTE_HEADER } from './support-headers.ts'

/** The longest that browsers keep a cookie (RFC 6265bis, 5.5), in seconds. */
const DEVICE_SECONDS = 400 * 24 * 3600
/** How long somebody may be at the provider. */
export const OIDC_SECONDS = 600
const HOME = '/support'
const READS = new Set(['GET', 'HEAD'])

/** `oidc`: what is remembered while somebody is at the provider of single sign-on. */
export type ConsoleCookies = { session: Cookie; device: Cookie; oidc: Cookie }

/**
 * `__Host-` makes the browser refuse the cookie from anybody but this very host over TLS
 * (https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes); without TLS, in development, there is
 * no such cookie.
 */
export function consoleCookies(appUrl: string): ConsoleCookies {
  const secure = new URL(appUrl).protocol === 'https:'
  const prefix = secure ? '__Host-' : ''
  const shared = { secure, httpOnly: true, sameSite: 'strict', path: '/' } as const
  return {
    session: createCookie(`${prefix}sluice_support`, shared),
    device: createCookie(`${prefix}sluice_device`, { ...shared, maxAge: DEVICE_SECONDS }),
    // The provider sends the browser back from another site, which a strict cookie would not come with.
    oidc: createCookie(`${prefix}sluice_oidc`, { ...shared, sameSite: 'lax', maxAge: OIDC_SECONDS }),
  }
}

/** @returns null where there is none, or one that cannot be read */
export async function cookieOf(request: Request, cookie: Cookie): Promise<string | null> {
  const value: unknown = await cookie.parse(request.headers.get('cookie')).catch(() => null)
  return typeof value === 'string' && value !== '' ? value : null
}

/**
 * Another site's page can make a browser send a form here, with its cookies; it cannot say that the form is from here
 * (https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html).
 * An app over TLS takes forms of its own address alone: behind a proxy that ends TLS, a page of the same host without TLS, which
 * anybody on the way can write, would look as if it came from where the request goes to.
 * @throws Response 403 for anything but reading that does not come from a page of ours
 */
export function refuseOthers(request: Request, appUrl: string): void {
  if (READS.has(request.method)) return
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const own = new URL(appUrl)
  const ours = own.protocol === 'https:' ? [own.origin] : [own.origin, new URL(request.url).origin]
  if (origin === null || !ours.includes(origin) || (site !== null && site !== 'same-origin'))
    throw new Response('This did not come from a page of the support console.', { status: 403 })
}

export function browserOf({ headers }: Request, trustedProxies: number): Browser {
  const address = writtenAddress(headers.get(REMOTE_HEADER), headers.get('x-forwarded-for'), trustedProxies)
  return { address, agent: headers.get('user-agent') }
}

/**
 * Where somebody is sent who is to sign in first. What was sent by a form is not sent again: the page is opened that it was on, by what
 * the browser says of that.
 */
export function signInAddress({ url, method, headers }: Request): string {
  const { pathname, search } = new URL(url)
  const page = URL.parse(headers.get('referer') ?? '')
  const to = READS.has(method) ? pathname + search : page ? ownPath(page.pathname + page.search) : pathname
  return `${HOME}/sign-in?${new URLSearchParams({ to })}`
}

/** @returns the path of a page of the console, whatever was given */
export function ownPath(given: string | null): string {
  const base = 'http://own.invalid'
  const url = given === null ? null : URL.parse(given, base)
  if (!url || url.origin !== base) return HOME
  const { pathname, search } = url
  const isPage = pathname === HOME || pathname.startsWith(`${HOME}/`)
  return isPage && !/^\/support\/(sign-|oidc)/.test(pathname) ? pathname + search : HOME
}
