/**
 * A cart as Ecomail's Basket event, which starts and stops the abandoned-cart automation.
 * Source: Ecomail's help centre, "abandoned cart over API" (https://support.ecomail.app, article 5242341):
 * category `ue`, action and label `Basket`, `value` a JSON text with the doubled `data.data`, always the whole cart.
 */
import { Decimal } from 'decimal.js'
import type { Line } from '../../events/data.ts'
import { compact, cut } from '../values.ts'
import type { Json, ShopFacts } from '../vendor.ts'
import { type IdentifierSettings, productId, productUrl, shortUrl, VALUE_LENGTH, wireId } from './product.ts'

const NAME_LENGTH = 255
const SHORT_NAME_LENGTH = 60

type BasketProduct = {
  productId: string | number
  img_url?: string
  url?: string
  name?: string
  price: number
  description?: string
}

/**
 * The body of `POST /tracker/events` for a cart. No lines: the emptied basket. Null when the cart has lines
 * and none of their products can be named: an empty basket would say that the shopper emptied it.
 */
export function basketBody(
  email: string,
  lines: readonly Line[],
  settings: IdentifierSettings,
  shop: Pick<ShopFacts, 'storefrontUrl'>,
): Json | null {
  const inCart = lines.filter(line => line.quantity > 0)
  const products = inCart.map(line => productOf(line, settings, shop)).filter(product => product !== null)
  if (inCart.length > 0 && products.length === 0) return null
  return { event: { email, category: 'ue', action: 'Basket', label: 'Basket', value: fitted(products) } }
}

/** The JSON text, at most 20,000 characters: descriptions go first, then long names, then products from the end. */
function fitted(products: readonly BasketProduct[]): string {
  const full = encode(products)
  if (full.length <= VALUE_LENGTH) return full
  const plain = products.map(({ description, ...product }) => product)
  const undescribed = encode(plain)
  if (undescribed.length <= VALUE_LENGTH) return undescribed
  const short = plain.map(product => ({
    ...product,
    ...(product.name && { name: cut(product.name, SHORT_NAME_LENGTH) }),
  }))
  let room = VALUE_LENGTH - encode([]).length
  const kept = short.filter(product => {
    // One for the comma. Once a product does not fit, the room is spent: the cart's order stays.
    room -= JSON.stringify(product).length + 1
    return room >= 0
  })
  return encode(kept)
}

function encode(products: readonly BasketProduct[]): string {
  return JSON.stringify({ data: { data: { action: 'Basket', products } } })
}

/**
 * One product. A product that lacks the chosen identifier goes by Shopify's id: the mail shows its name and
 * picture all the same. `price` is the unit price after discounts, with tax.
 */
function productOf(
  line: Line,
  settings: IdentifierSettings,
  shop: Pick<ShopFacts, 'storefrontUrl'>,
): BasketProduct | null {
  const { product } = line
  const fallback = product.id || product.variantId
  const id = productId(product, settings) ?? (fallback && wireId(fallback))
  if (id === null || id === '') return null
  return {
    productId: id,
    ...compact({
      img_url: shortUrl(product.imageUrl, shop),
      url: productUrl(product, shop),
      name: cut(product.title ?? '', NAME_LENGTH),
    }),
    price: unitPrice(line),
    ...compact({ description: cut(product.variantTitle ?? '', NAME_LENGTH) }),
  }
}

function unitPrice(line: Line): number {
  const places = Math.max(2, new Decimal(line.total).decimalPlaces())
  return new Decimal(line.total).div(line.quantity).toDecimalPlaces(places).toNumber()
}
