/**
 * The product cache: what product webhooks told, and the facts it adds to order lines and views that lack
 * them (category, tags, image, address, metafields).
 */
import type { Pool, PoolClient } from 'pg'
import { z } from 'zod'
import { storable, toJsonb } from '../db/jsonb.ts'
import type { Line, Product } from '../events/data.ts'
import { isOrderEvent, type StoreEvent } from '../events/store-event.ts'
import { type EffectOf, stampOf } from './effects.ts'

const variantsSchema = z.array(
  z.object({
    id: z.string(),
    sku: z.string().nullable(),
    title: z.string().nullable(),
    imageUrl: z.string().nullable(),
  }),
)

type Row = {
  product_id: string
  handle: string | null
  title: string | null
  brand: string | null
  product_type: string | null
  category: string | null
  tags: string[]
  image_url: string | null
  variants: unknown
  metafields: Record<string, string>
}

/** What a notice says of a product; of two notices the newer one's. Columns of `products`. */
const FACTS =
  'handle, title, brand, product_type, category, tags, image_url, variants, updated_at, noticed_at'
const factsOf = (row: 'products' | 'excluded') =>
  FACTS.split(', ')
    .map(column => `${row}.${column}`)
    .join(', ')

/**
 * Keeps what the newest notice of a product says, and of each metafield what the newest says that names it. Notices
 * come to the same in whatever order they come, and however often: of two with the same times, one is chosen by what it
 * says. One from before the product was deleted leaves it deleted.
 */
export async function saveProduct(
  client: PoolClient,
  shopId: number,
  product: EffectOf<'product_saved'>,
): Promise<void> {
  const stamp = stampOf(product)
  const stamps = Object.fromEntries(Object.keys(product.metafields).map(key => [key, stamp]))
  await client.query(
    `insert into products (shop_id, product_id, ${FACTS}, metafields, metafields_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     on conflict (shop_id, product_id) do update set
       (${FACTS}) = (
         select ${FACTS} from (values (${factsOf('products')}), (${factsOf('excluded')})) said(${FACTS})
         order by updated_at desc nulls last, noticed_at desc nulls last, said::text desc limit 1),
       (metafields, metafields_at) = (
         select coalesce(jsonb_object_agg(key, value), '{}'), coalesce(jsonb_object_agg(key, at), '{}') from (
           select distinct on (key) key, value, at from (
             select key, value, coalesce(products.metafields_at->>key, '') as at from jsonb_each(products.metafields)
             union all
             select key, value, excluded.metafields_at->>key from jsonb_each(excluded.metafields)) said
           order by key, at desc, value::text desc) newest),
       deleted_at = case when greatest(products.updated_at, excluded.updated_at) > products.deleted_at then null
         else products.deleted_at end`,
    [
      shopId,
      ...[product.productId, product.handle, product.title, product.brand, product.productType].map(stored),
      stored(product.category),
      product.tags.map(storable),
      stored(product.imageUrl),
      toJsonb(product.variants),
      product.updatedAt,
      product.noticedAt,
      toJsonb(product.metafields),
      toJsonb(stamps),
    ],
  )
}

const stored = (value: string | null) => value && storable(value)

/**
 * Marks a product as deleted, also one that is not known yet: what is told of it later may be older. Its facts
 * stay: orders of it are still reported.
 * @param at when it was deleted, ISO 8601
 */
export async function deleteProduct(
  client: PoolClient,
  shopId: number,
  productId: string,
  at: string,
): Promise<void> {
  await client.query(
    `insert into products (shop_id, product_id, tags, variants, metafields, deleted_at) values ($1, $2, '{}', '[]', '{}', $3)
     on conflict (shop_id, product_id) do update set deleted_at = greatest(products.deleted_at, excluded.deleted_at)
     where products.updated_at is null or excluded.deleted_at >= products.updated_at`,
    [shopId, storable(productId), at],
  )
}

/**
 * The events with product facts added where the source did not have them.
 * @param storefrontUrl without a trailing slash; a product's address is below it
 */
export async function fillProducts(
  pool: Pool,
  shopId: number,
  storefrontUrl: string,
  events: readonly StoreEvent[],
): Promise<StoreEvent[]> {
  const ids = [...new Set(events.flatMap(event => productsOf(event)).flatMap(product => product.id ?? []))]
  if (ids.length === 0) return [...events]
  const result = await pool.query<Row>({
    name: 'fill-products',
    text: `select product_id, handle, title, brand, product_type, category, tags, image_url, variants, metafields
     from products where shop_id = $1 and product_id = any($2)`,
    values: [shopId, ids],
  })
  const rows = new Map(result.rows.map(row => [row.product_id, row]))
  return events.map(event =>
    withProducts(event, product => filled(product, rows.get(product.id ?? ''), storefrontUrl)),
  )
}

function filled(product: Product, row: Row | undefined, storefrontUrl: string): Product {
  if (!row) return product
  const variant = variantsSchema
    .safeParse(row.variants)
    .data?.find(candidate => candidate.id === product.variantId)
  const handle = product.handle ?? row.handle
  return {
    ...product,
    handle,
    title: product.title ?? row.title,
    variantTitle: product.variantTitle ?? titleOf(variant),
    sku: product.sku ?? variant?.sku ?? null,
    brand: product.brand ?? row.brand,
    category: product.category ?? (row.product_type || row.category),
    tags: product.tags.length > 0 ? product.tags : row.tags,
    url: product.url ?? (handle ? `${storefrontUrl}/products/${encodeURIComponent(handle)}` : null),
    imageUrl: product.imageUrl ?? variant?.imageUrl ?? row.image_url,
    metafields: { ...row.metafields, ...product.metafields },
  }
}

/** Shopify calls the only variant of a product without options "Default Title": that names nothing. */
function titleOf(variant: { title: string | null } | undefined): string | null {
  return variant?.title === 'Default Title' ? null : (variant?.title ?? null)
}

function productsOf(event: StoreEvent): Product[] {
  const found: Product[] = []
  withProducts(event, product => {
    found.push(product)
    return product
  })
  return found
}

/** The event with every product in it passed through `change`. */
function withProducts(event: StoreEvent, change: (product: Product) => Product): StoreEvent {
  const lines = (list: readonly Line[]) => list.map(line => ({ ...line, product: change(line.product) }))
  if (isOrderEvent(event)) {
    const { order, refund } = event.data
    return {
      ...event,
      data: {
        ...event.data,
        order: order && { ...order, lines: lines(order.lines) },
        refund: refund && {
          ...refund,
          lines: refund.lines.map(line => ({ ...line, product: change(line.product) })),
        },
      },
    }
  }
  switch (event.type) {
    case 'product_viewed':
    case 'product_added_to_cart':
    case 'product_removed_from_cart':
      return { ...event, data: { ...event.data, product: change(event.data.product) } } as StoreEvent
    case 'cart_viewed':
    case 'cart_updated':
      return {
        ...event,
        data: { ...event.data, cart: { ...event.data.cart, lines: lines(event.data.cart.lines) } },
      } as StoreEvent
    case 'checkout_started':
    case 'checkout_updated':
    case 'checkout_abandoned':
    case 'checkout_completed':
      return {
        ...event,
        data: { checkout: { ...event.data.checkout, lines: lines(event.data.checkout.lines) } },
      }
    default:
      return event
  }
}
