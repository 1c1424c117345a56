/** What the page says about itself: extensions/storefront/blocks/sluice.liquid. */

/** A product as the wire wants it (app/shopify/storefront/wire.ts); prices are decimals in major units. */
export type Product = {
  id: string
  variantId: string
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

export type Facts = {
  /** Where batches go, on this very origin. */
  path: string
  /** The locale's root, with a slash at its end. */
  root: string
  /** Whether this is the theme editor. */
  design: boolean
  debug: boolean
  /** Event type (`cart`: both changes; `variant`: views of further variants) to whether the merchant wants it. */
  on: Record<string, boolean>
  template: string
  /** The customer who is signed in. */
  customer: string | null
  /** None of the cart: `cart` has it. */
  view: { type: string; data: { product?: Partial<Product> } } | null
  /** All but the one of `view`; empty when the merchant does not want their views. */
  variants: Pick<Product, 'variantId' | 'variantTitle' | 'sku' | 'price' | 'imageUrl'>[]
  cart: { currency: string | null; total: string; items: Item[]; attributes: Attributes }
}

export let facts = {} as Facts

/** @throws when the page has no facts: the block is not on it */
export function readFacts(): void {
  facts = JSON.parse((document.getElementById('sluice-facts') as HTMLElement).textContent as string)
}

/** Says in debug mode what became of an event. */
export function tell(...words: unknown[]): void {
  // biome-ignore lint/suspicious/noConsole: this is what debug mode is for
  if (facts.debug) console.log('Sluice', ...words)
}
