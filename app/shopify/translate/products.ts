/** products/*: what the product cache keeps, from which store events are completed. */

import type { SavedVariant } from '../effects.ts'
import { type ProductPayload, productSchema } from '../payloads/product.ts'
import { type Handler, ignored, translation } from './notice.ts'

/** products/create and products/update. */
export const productSaved: Handler = ({ payload, at }) => {
  const product = productSchema.parse(payload)
  if (product.id === null) return ignored('The product has no id.')
  return translation(
    [],
    [
      {
        kind: 'product_saved',
        productId: product.id,
        handle: product.handle,
        title: product.title,
        brand: product.vendor,
        productType: product.product_type,
        category: product.category?.full_name ?? product.category?.name ?? null,
        tags: product.tags,
        imageUrl: product.image?.src ?? product.images[0]?.src ?? null,
        variants: variantsOf(product),
        metafields: metafieldsOf(product),
        updatedAt: product.updated_at ?? at,
        noticedAt: at,
      },
    ],
    '',
  )
}

/** products/delete. */
export const productDeleted: Handler = ({ payload, at }) => {
  const { id } = productSchema.parse(payload)
  return id === null
    ? ignored('The product has no id.')
    : translation([], [{ kind: 'product_deleted', productId: id, at }], '')
}

/** Variants without an id cannot be looked up and are left out. */
function variantsOf(product: ProductPayload): SavedVariant[] {
  const images = imagesOf(product)
  return product.variants.flatMap(({ id, sku, title, image_id }) => {
    if (id === null) return []
    const imageUrl = image_id === null ? images.byVariant.get(id) : images.byId.get(image_id)
    return [{ id, sku, title, imageUrl: imageUrl ?? null }]
  })
}

/** The images' addresses, by their own ids and by the variants that they show; the first of several counts. */
function imagesOf(product: ProductPayload) {
  const lastFirst = product.images.toReversed()
  return {
    byId: new Map(lastFirst.map(({ id, src }) => [id, src])),
    byVariant: new Map(lastFirst.flatMap(({ variant_ids, src }) => variant_ids.map(id => [id, src]))),
  }
}

function metafieldsOf(product: ProductPayload): Record<string, string> {
  return Object.fromEntries(
    product.metafields.flatMap(({ namespace, key, value }) =>
      namespace === null || key === null || value === null ? [] : [[`${namespace}.${key}`, value]],
    ),
  )
}
