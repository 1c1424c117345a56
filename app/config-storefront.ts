/** The settings of storefront events, as a part of the configuration (config.ts). */
import { z } from 'zod'

/** Events in a minute, and calls that were refused; counted by each process for itself. */
export type StorefrontLimits = {
  /** Of one shop. */
  shop: number
  /** From one address; of IPv6 the network of 64 bits, which one subscriber has. */
  address: number
  /** Of one browser. */
  visitor: number
  /** Calls from one address that named no shop, a wrong key or another's origin, or were no JSON. */
  refusals: number
}

export type StorefrontConfig = {
  limits: StorefrontLimits
  /** How many proxies of our own, one behind another, stand between browsers and this process. */
  trustedProxies: number
}

const perMinute = (name: string, usual: number, what = 'events') =>
  z
    .string()
    .regex(
      /^[1-9]\d{0,8}$/,
      `${name} must be a whole number of ${what} in a minute, from 1 to 999999999; correct it or leave it unset.`,
    )
    .default(String(usual))

export const storefrontFields = {
  /** A thousand a second: a sale of the very largest shops, and few enough that others' events still come through. */
  STOREFRONT_EVENTS_PER_SHOP: perMinute('STOREFRONT_EVENTS_PER_SHOP', 60_000),
  /** Several hundred people behind one address of an office or a carrier, each with a page every ten seconds. */
  STOREFRONT_EVENTS_PER_ADDRESS: perMinute('STOREFRONT_EVENTS_PER_ADDRESS', 3_000),
  /** A page of two or three events every second, and fifty kept while the browser was offline. */
  STOREFRONT_EVENTS_PER_VISITOR: perMinute('STOREFRONT_EVENTS_PER_VISITOR', 240),
  /** Five a second: some dozens of people with pages from before their shop's key was changed. */
  STOREFRONT_REFUSALS_PER_ADDRESS: perMinute('STOREFRONT_REFUSALS_PER_ADDRESS', 300, 'refused calls'),
  TRUSTED_PROXIES: z
    .string()
    .regex(
      /^\d$/,
      'TRUSTED_PROXIES must be a whole number from 0 to 9: how many of your own proxies stand in front of Sluice; correct it.',
    )
    .default('0'),
}

const schema = z.object(storefrontFields)

/** @param settings what `storefrontFields` made of the environment */
export function storefrontConfig(settings: z.infer<typeof schema>): StorefrontConfig {
  return {
    limits: {
      shop: Number(settings.STOREFRONT_EVENTS_PER_SHOP),
      address: Number(settings.STOREFRONT_EVENTS_PER_ADDRESS),
      visitor: Number(settings.STOREFRONT_EVENTS_PER_VISITOR),
      refusals: Number(settings.STOREFRONT_REFUSALS_PER_ADDRESS),
    },
    trustedProxies: Number(settings.TRUSTED_PROXIES),
  }
}

/**
 * This process answers without TLS: where the app's public address is https, something stands in front that ends it, and browsers'
 * addresses are told by that alone.
 * @param appUrl the app's public address
 * @returns what is wrong and what to do; null: nothing
 */
export function proxyTrouble(appUrl: string, trustedProxies: number): string | null {
  if (trustedProxies > 0 || !appUrl.startsWith('https:')) return null
  return 'TRUSTED_PROXIES is 0 although a proxy ends TLS for SHOPIFY_APP_URL: nobody can say which browser a web pixel’s batch comes from, and none is limited by its address. Set it to how many of your own proxies stand one behind another.'
}
