/**
 * Notices that the cart, or the variant looked at, may have changed, by what the browser itself tells: the requests
 * that the page has made (https://www.w3.org/TR/resource-timing/), whoever made them and even before this script
 * ran, and what the visitor touches. Nothing of the page is wrapped or replaced.
 */
import { compareCart } from './cart.ts'
import { emit } from './events.ts'
import { facts } from './facts.ts'
import { listen, safely } from './safely.ts'

/** To add, change, clear, update; one request too many only reads the cart once more. Ours is marked. */
const CHANGES_CART = /\/cart\/[acu](?!.*sluice)/

/** A view of the product for each further variant; each counts once on a page. */
function viewed(variantId: string | null | undefined): void {
  const variant = facts.variants.find(variant => variant.variantId === variantId)
  if (!variant || !facts.view) return
  facts.view.data = { product: { ...facts.view.data.product, ...variant } }
  variant.variantId = ''
  emit('product_viewed', facts.view.data)
}

/** Themes name the variant in the address, in the form, or in both, some only when an answer is there. */
function lookForVariant(): void {
  for (const { value } of document.querySelectorAll<HTMLInputElement>('form[action*="/cart/add"] [name=id]'))
    viewed(value)
}

export function watchChanges(): void {
  new PerformanceObserver(
    safely((list: PerformanceObserverEntryList) => {
      if (list.getEntries().some(({ name }) => CHANGES_CART.test(name))) compareCart()
      lookForVariant()
    }),
  ).observe({ type: 'resource', buffered: true })
  // After what the theme does about it.
  listen('change', () => setTimeout(safely(lookForVariant)))
  listen('click', () => setTimeout(safely(lookForVariant)))
  listen('shopify:cart:lines-update', async ({ promise }) => {
    await promise
    compareCart()
  })
}
