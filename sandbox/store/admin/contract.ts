/** What the stand-in of Shopify's Admin API is told and tells. */

/** A customer of the shop, as the stand-in store knows them. */
export type AdminCustomer = {
  /** Digits */
  id: string
  email: string | null
  phone: string | null
  first: string | null
  last: string | null
  marketing: 'SUBSCRIBED' | 'NOT_SUBSCRIBED' | 'UNSUBSCRIBED' | 'PENDING' | 'INVALID'
  /** ISO 8601 */
  updatedAt: string
}

/** An order of the shop. */
export type AdminOrder = {
  /** Digits */
  id: string
  /** ISO 8601 */
  createdAt: string
}

/** What an installation gives the app, as Shopify's token endpoint writes it. */
export type Grant = {
  access_token: string
  scope: string
  /** Seconds */
  expires_in: number
  refresh_token: string
  refresh_token_expires_in: number
}

export type WebPixel = { id: string; settings: Record<string, string> }

/** One request that came, oldest first. */
export type AdminRequest = {
  kind: 'refresh' | 'graphql'
  /** Null: neither the access nor the refresh token is one of this stand-in's. */
  shop: string | null
  /** The root field: "customer", "webPixelCreate". */
  field: string | null
  status: number
}

/** In place of what would be answered. */
export type AdminFault = {
  /** To how many requests. */
  times: number
  only?: AdminRequest['kind']
  /** `hang`: no answer. `reset`: the connection is cut. */
  connection?: 'hang' | 'reset'
  status?: number
  headers?: Record<string, string>
  /** As it is, JSON or not. */
  text?: string
  /** After this long. */
  delayMs?: number
  /** What was asked for is done nevertheless; only its answer is lost. */
  done?: boolean
}

export type AdminStandIn = {
  /** "http://127.0.0.1:4021" */
  url: string
  /** Installs the app in a shop, anew or again. Earlier tokens of the shop end. */
  grant(shop: string): Grant
  /** The shop's access token is not accepted any more; its refresh token is. */
  endAccess(shop: string): void
  /** The shop uninstalled the app, or somebody revoked its access: no token is accepted any more. */
  revoke(shop: string): void
  /** The next so many questions cost more than is left; so many milliseconds later they do not. */
  throttle(times: number, waitMs: number): void
  fail(fault: AdminFault): void
  /** Fields of a customer that the app is not approved to see, such as "defaultEmailAddress". */
  withhold(fields: readonly string[]): void
  pixel(shop: string): WebPixel | null
  /** Orders were placed in the shop. The same order again is that order. */
  addOrders(shop: string, orders: readonly AdminOrder[]): void
  /** The merchant deletes orders. */
  removeOrders(shop: string, ids: readonly string[]): void
  /** The pixel is gone, and nobody told the app. */
  dropPixel(shop: string): void
  requests(): readonly AdminRequest[]
  /** How often a refresh token came that had been used. */
  reused(): number
  /** Forgets requests and takes back throttling, faults and what is withheld; tokens, pixels and orders stay. */
  reset(): void
  close(): Promise<void>
}

export type AdminStandInOptions = {
  apiKey: string
  apiSecret: string
  /** @param id digits */
  customer(shop: string, id: string): AdminCustomer | null
  /** Hosts of a shop's pages, the primary one first; the shop's own address, unless told. */
  domains?(shop: string): readonly string[]
  /** IANA's name of a shop's time zone, null: none is told; "Europe/Prague", unless told. */
  timeZone?(shop: string): string | null
  /** Those granted; all that the app asks for, unless told. */
  scopes?: readonly string[]
  /** Names that the pixel's settings must have, no more and no less. */
  pixelSettings?: readonly string[]
  /** 0 or unset: any free one. */
  port?: number
}
