/** A view of the product for each further variant, however the theme lets visitors choose one. */
import { emit } from './events.ts'
import { facts } from './facts.ts'
import { listen, safely } from './safely.ts'

/** Each variant counts once on a page. */
const chosen = safely((variantId: string | null | undefined) => {
  const variant = facts.variants.find(variant => variant.variantId === variantId)
  if (!variant || !facts.view) return
  facts.view.data = { product: { ...facts.view.data.product, ...variant } }
  variant.variantId = ''
  emit('product_viewed', facts.view.data)
})

export function watchVariants(): void {
  listen('change', ({ target }) => {
    if ((target as HTMLInputElement).name === 'id') chosen((target as HTMLInputElement).value)
  })
  listen('shopify:product:select', async ({ promise }) =>
    chosen((await promise)?.variant?.id.split('/').pop()),
  )
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name]
    history[name] = function (...args) {
      const result = original.apply(this, args)
      chosen(new URLSearchParams(location.search).get('variant'))
      return result
    }
  }
}
