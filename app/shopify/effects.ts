/**
 * What a webhook changes besides making store events: caches to refresh, people seen, the shop's own state.
 * Null means that this payload does not say, never that the value was removed.
 */

export type SavedVariant = {
  id: string
  sku: string | null
  title: string | null
  imageUrl: string | null
}

export type PrivacyTopic = 'customers/data_request' | 'customers/redact' | 'shop/redact'

/**
 * When something was so, in ISO UTC. Shopify delivers in any order, and again for hours what was not acknowledged
 * (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries), so the newest wins, whenever it comes.
 */
export type Stated = {
  /** The payload's `updated_at`, which has whole seconds; when Shopify noticed it, where the payload does not say. */
  updatedAt: string
  /** When Shopify noticed it (`X-Shopify-Triggered-At`): decides within a second. */
  noticedAt: string
}

export type Effect =
  | ({
      kind: 'product_saved'
      productId: string
      handle: string | null
      title: string | null
      /** What Shopify calls the product's vendor. */
      brand: string | null
      productType: string | null
      /** The full name in Shopify's product taxonomy, or the short one. */
      category: string | null
      tags: string[]
      imageUrl: string | null
      variants: SavedVariant[]
      /** "namespace.key" to value; only what the subscription asks for. */
      metafields: Record<string, string>
    } & Stated)
  /** `at`: when Shopify told, ISO UTC. */
  | { kind: 'product_deleted'; productId: string; at: string }
  | {
      kind: 'customer_seen'
      customerId: string
      email: string | null
      phone: string | null
      firstName: string | null
      lastName: string | null
      /** Whether e-mail marketing is accepted, a yes being for `email`; null when this payload is no statement about it. */
      marketing: boolean | null
      /** ISO UTC: when this was so. The newer one wins. */
      updatedAt: string
    }
  /** Two customers are one from now on. */
  | { kind: 'customers_merged'; keptId: string; deletedId: string }
  /** A checkout has become an order, whose own notice may still be to come. `at`: ISO UTC. */
  | { kind: 'checkout_completed'; token: string | null; cartToken: string | null; at: string }
  | ({
      kind: 'shop_changed'
      name: string | null
      currency: string | null
      /** "shop.example", without scheme. */
      primaryDomain: string | null
      /** IANA's name, as "Europe/Prague". */
      timeZone: string | null
    } & Stated)
  /** `updatedAt`: when these were granted. */
  | ({ kind: 'scopes_changed'; scopes: string[] } & Stated)
  /** `at`: when Shopify noticed; a notice older than the present installation is about an earlier one. */
  | { kind: 'uninstalled'; at: string }
  | {
      kind: 'privacy_request'
      topic: PrivacyTopic
      /** Shopify's number of a data request; redactions have none. */
      requestId: string | null
      customerId: string | null
      email: string | null
      phone: string | null
      orderIds: string[]
    }

export type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>

/** Sorts as texts like what it is of: by when something was so, then by when it was noticed. */
export function stampOf({ updatedAt, noticedAt }: Stated): string {
  return `${updatedAt} ${noticedAt}`
}
