/**
 * Changes of the cart, found by comparing it with the cart as last seen: whatever changed it, in whichever tab,
 * each change is seen once.
 *
 * Lines are compared by variant: the key of a line changes with its properties and discounts, which adds nothing
 * to a cart and removes nothing from it (https://shopify.dev/docs/api/ajax/reference/cart).
 */
import { isUndecided, marketing, mayCollect } from './consent.ts'
import { emit, post } from './events.ts'
import { type Attributes, type Cart, facts, type Item } from './facts.ts'
import { safely } from './safely.ts'
import { read, visitor, write } from './store.ts'

/** What this script reads of `cart.js`; prices in hundredths. */
type AjaxCart = {
  token: string
  currency: string
  total_price: number
  attributes: Attributes
  items: {
    product_id: number
    variant_id: number
    handle: string
    product_title: string
    variant_title: string | null
    sku: string | null
    vendor: string
    product_type: string
    price: number
    url: string
    image: string | null
    quantity: number
  }[]
}

const SEEN = 'sluice:c'
/** Without consent nothing is stored, and yet a visitor may decide after having filled the cart. */
let memory: Cart | undefined

const lastSeen = () => read<Cart>(SEEN) ?? memory

function remember(cart: Cart): void {
  memory = cart
  if (mayCollect()) write(SEEN, cart)
}

/** Each item of which there are more now (by `quantity`), or fewer (negative). */
function changesOf(before: Item[], now: Item[]): Item[] {
  const changes: Record<string, Item> = {}
  for (const item of [...before.map(item => ({ ...item, quantity: -item.quantity })), ...now]) {
    changes[item.variantId] = {
      ...item,
      quantity: item.quantity + (changes[item.variantId]?.quantity ?? 0),
    }
  }
  return Object.values(changes).filter(item => item.quantity)
}

const decimal = (hundredths: number) => (hundredths / 100).toFixed(2)

/** Reads the cart after it may have changed; one after the other, in all tabs. */
export const compareCart = safely(() =>
  navigator.locks.request('sluice', async () => {
    const cart: AjaxCart = await (await fetch(facts.cartUrl)).json()
    const { currency } = cart
    const token = cart.token.split('?')[0] as string
    const items = cart.items.map(item => ({
      id: item.product_id,
      variantId: item.variant_id,
      handle: item.handle,
      title: item.product_title,
      variantTitle: item.variant_title,
      sku: item.sku,
      vendor: item.vendor,
      type: item.product_type,
      price: decimal(item.price),
      currency,
      url: item.url,
      imageUrl: item.image,
      quantity: item.quantity,
    }))
    const seen = lastSeen() as Cart
    facts.cart = { token, currency, total: decimal(cart.total_price), items }
    facts.attributes = cart.attributes
    remember(facts.cart)
    // Another cart: the one before was ordered.
    for (const product of changesOf(seen.token && seen.token !== token ? [] : seen.items, items)) {
      emit(`product_${product.quantity > 0 ? 'added_to' : 'removed_from'}_cart`, {
        product,
        quantity: Math.abs(product.quantity),
      })
    }
    writeAttributes()
  }),
)

/**
 * Compares the cart as the page knows it: what a plain form or another page changed.
 * @param restored whether the page is an old one
 */
export async function compareCartOfPage(restored?: boolean): Promise<void> {
  const { cart } = facts
  const seen = lastSeen() ?? cart
  remember(seen)
  // By its token a cart that was ordered is told from one that was emptied, and only cart.js has it.
  const isUnnamed = cart.items[0] && !seen.token
  cart.token = seen.token
  if (restored || isUnnamed || changesOf(seen.items ?? [], cart.items)[0]) await compareCart()
  else writeAttributes()
}

/** Tells checkouts and orders, which inherit the attributes, who the visitor is and what is allowed. */
function writeAttributes(): void {
  if (!facts.cart.items[0] || (!mayCollect() && isUndecided())) return
  const attributes = {
    sluice_visitor: visitor()?.v ?? '',
    sluice_consent: `analytics=${+mayCollect()},marketing=${+marketing()}`,
  }
  if (told(attributes) === told(facts.attributes)) return
  facts.attributes = attributes
  safely(post)(facts.attributesUrl, { attributes })
}

const told = (attributes: Attributes) => (attributes.sluice_visitor ?? '') + attributes.sluice_consent
