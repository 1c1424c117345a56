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

/**
 * A view of the product for each further variant; each counts once on a page. Themes name the variant in the address, in
 * the form, or in both, some only when an answer is there.
 */
function lookForVariant(): void {
  const forms = [...document.querySelectorAll<HTMLInputElement>('form[action*="/cart/add"] [name=id]')]
  for (const variant of facts.variants) {
    const { variantId } = variant
    if (location.search.includes(variantId) || forms.some(({ value }) => value === variantId)) {
      facts.variants = facts.variants.filter(other => other !== variant)
      emit('product_viewed', { product: { ...facts.view?.data.product, ...variant } })
    }
  }
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
