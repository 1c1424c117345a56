/** What the page says about itself: extensions/storefront/blocks/sluice.liquid. */

/** A product as the wire wants it (app/shopify/storefront/wire.ts); prices are decimals in major units. */
export type Product = {
  id: string | number
  variantId: string | number
  handle: string | null
  title: string | null
  variantTitle: string | null
  sku: string | null
  vendor: string | null
  type: string | null
  price: string
  currency: string | null
  url: string
  imageUrl: string | null
}
export type Item = Product & { quantity: number }
export type Attributes = Record<string, string | null | undefined>

export type Cart = {
  /** "" while unknown: only cart.js has it. */
  token: string
  currency: string | null
  total: string
  items: Item[]
}

export type Facts = {
  /** Where batches go, on this very origin. */
  path: string
  cartUrl: string
  attributesUrl: string
  /** Event type to whether the merchant wants it. */
  on: Record<string, boolean>
  /** The customer who is signed in. */
  customer: string | null
  /** Of the cart's page without what is in it: `cart` has it. */
  view: {
    type: string
    data: { page?: { referrer?: string }; product?: Partial<Product>; cart?: object }
  } | null
  /** All but the one of `view`; empty when the merchant does not want their views. */
  variants: (Pick<Product, 'variantTitle' | 'sku' | 'price' | 'imageUrl'> & { variantId: string })[]
  cart: Cart
  /** Of the cart; what others wrote there is no business of ours. */
  attributes: Attributes
}

export let facts = {} as Facts

/** @throws when the page has no facts: the block is not on it */
export function readFacts(): void {
  facts = JSON.parse((document.getElementById('sluice-facts') as HTMLElement).textContent as string)
}
