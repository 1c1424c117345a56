/** What one request of a browser is about: its language, its cookies, how it wants the theme to behave. */
import type { Request, RequestHandler, Response } from 'express'
import type { Cart } from './carts.ts'
import type { Place } from './liquid-objects.ts'
import type { Browser, Memory } from './store.ts'

/** How the theme adds to the cart: each is met in real themes. */
export const MODES = ['fetch', 'xhr', 'form', 'events'] as const
export type Mode = (typeof MODES)[number]
/** Whether the visitor's region asks for consent before anything is collected. */
export const REGIONS = ['required', 'none'] as const
export type Region = (typeof REGIONS)[number]
/** Whether the theme has the app embed; late: its script comes seconds after the page, as over a poor line. */
export const EMBEDS = ['on', 'late', 'off'] as const
export type EmbedState = (typeof EMBEDS)[number]
/** Whether the shop has the app's web pixel. */
export const PIXELS = ['on', 'off'] as const
export type PixelState = (typeof PIXELS)[number]

/** What the visitor chose at the foot of a page, remembered in cookies. */
export type Choices = { mode: Mode; region: Region; embed: EmbedState; pixel: PixelState }
export type Visit = Choices & {
  place: Place
  browser: Browser
  cart: Cart
  /** For this page alone. */
  designMode: boolean
}

/** Shopify's own cookie is named so too; the others are the stand-in's. */
const CART = 'cart'
const SESSION = 'store_session'

/** Takes `/cs` off the address, and reads who is there. What the query chooses is remembered in cookies. */
export function readVisit(memory: Memory, defaults: Choices): RequestHandler {
  return (request, response, next) => {
    const place = placeOf(request)
    if (place.root !== '') request.url = request.url.slice(place.root.length).replace(/^(?!\/)/, '/')
    const cookies = readCookies(request.headers.cookie)
    const browser = memory.browserOf(cookies[SESSION])
    if (browser.id !== cookies[SESSION]) setCookie(response, SESSION, browser.id)
    const chosen = <T extends string>(name: string, allowed: readonly T[], fallback: T): T => {
      const asked = allowed.find(value => value === request.query[name])
      if (asked) setCookie(response, `store_${name}`, asked)
      return asked ?? allowed.find(value => value === cookies[`store_${name}`]) ?? fallback
    }
    const visit: Visit = {
      place,
      browser,
      cart: memory.cartOf(cookies[CART]),
      mode: chosen('mode', MODES, defaults.mode),
      region: chosen('region', REGIONS, defaults.region),
      embed: chosen('embed', EMBEDS, defaults.embed),
      pixel: chosen('pixel', PIXELS, defaults.pixel),
      designMode: request.query.design === '1',
    }
    response.locals.visit = visit
    next()
  }
}

export const visitOf = (response: Response): Visit => response.locals.visit as Visit

/** Gives the browser its cart, as `token?key=…`. */
export function keepCart(response: Response, { token, secret }: Cart): void {
  setCookie(response, CART, `${token}?key=${secret}`)
}

function placeOf(request: Request): Place {
  const host = request.headers.host ?? '127.0.0.1'
  const isCzech = /^\/cs(\/|\?|$)/.test(request.url)
  return isCzech ? { host, root: '/cs', locale: 'cs' } : { host, root: '', locale: 'en' }
}

function setCookie(response: Response, name: string, value: string): void {
  response.cookie(name, value, { path: '/', sameSite: 'lax', maxAge: 14 * 24 * 60 * 60 * 1000 })
}

function readCookies(header = ''): Record<string, string> {
  const pairs = header.split(';').map(pair => pair.trim().split('='))
  return Object.fromEntries(pairs.map(([name = '', ...value]) => [name, decoded(value.join('='))]))
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
