/** products/create, products/update and products/delete: https://shopify.dev/docs/api/webhooks/2026-10 */
import { z } from 'zod'
import { exactId, id, ids, list, nested, text, time, words } from './fields.ts'

const imageSchema = z.object({ id, src: text, variant_ids: ids })

const variantSchema = z
  .object({ id, admin_graphql_api_id: text, sku: text, title: text, image_id: id })
  .transform(variant => ({
    ...variant,
    id: exactId('ProductVariant', variant.id, variant.admin_graphql_api_id),
  }))

/** `category` is Shopify's product taxonomy; `metafields` come only with a subscription that asks for them. */
export const productSchema = z
  .object({
    id,
    admin_graphql_api_id: text,
    handle: text,
    title: text,
    vendor: text,
    product_type: text,
    category: nested(z.object({ full_name: text, name: text })),
    tags: words,
    updated_at: time,
    image: nested(imageSchema),
    images: list(imageSchema),
    variants: list(variantSchema),
    metafields: list(z.object({ namespace: text, key: text, value: text })),
  })
  .transform(product => ({ ...product, id: exactId('Product', product.id, product.admin_graphql_api_id) }))
export type ProductPayload = z.infer<typeof productSchema>
