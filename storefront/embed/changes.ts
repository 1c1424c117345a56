/**
 * Notices that the cart, or the variant looked at, may have changed, by what the browser itself tells: the requests
 * that the page has made (https://www.w3.org/TR/resource-timing/), whoever made them and even before this script
 * ran, and what the visitor touches. Nothing of the page is wrapped or replaced.
 */
import { compareCart } from './cart.ts'
import { emit, OWN } from './events.ts'
import { facts } from './facts.ts'
import { listen, safely } from './safely.ts'

const CHANGES_CART = RegExp(`/cart/(add|change|update|clear)\\b(?!.*${OWN})`)

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
  viewed(new URLSearchParams(location.search).get('variant'))
  viewed(document.querySelector<HTMLInputElement>('form[action*="/cart/add"] [name=id]')?.value)
}

export function watchChanges(): void {
  new PerformanceObserver(
    safely((list: PerformanceObserverEntryList) => {
      if (list.getEntries().some(({ name }) => CHANGES_CART.test(name))) compareCart()
      lookForVariant()
    }),
  ).observe({ type: 'resource', buffered: true })
  // After what the theme does about it.
  for (const name of ['change', 'click'] as const) listen(name, () => setTimeout(safely(lookForVariant)))
  listen('shopify:product:select', async ({ promise }) =>
    viewed((await promise)?.variant?.id.split('/').pop()),
  )
  listen('shopify:cart:lines-update', async ({ promise }) => {
    await promise
    compareCart()
  })
}
