/** Products as lines name them. */
import type { Product } from '../../events/data.ts'

type NamedProduct = {
  product_id: string | null
  variant_id: string | null
  title: string | null
  variant_title: string | null
  sku: string | null
  vendor: string | null
  url: string | null
  image: string | null
}

/**
 * The product of a line, with what the line itself knows: category, tags and metafields stay empty and are
 * filled from the product cache. Custom lines and tips have no product id.
 */
export function lineProduct(
  line: NamedProduct,
  price: string | null,
  currency: string | null,
  handle: string | null = null,
): Product {
  return {
    id: line.product_id,
    variantId: line.variant_id,
    handle,
    title: line.title,
    variantTitle: line.variant_title,
    sku: line.sku,
    brand: line.vendor,
    category: null,
    tags: [],
    price,
    currency,
    url: line.url,
    imageUrl: line.image,
    metafields: {},
  }
}
