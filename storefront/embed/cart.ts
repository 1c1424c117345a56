/**
 * Changes of the cart, found by comparing it with the cart as last seen: whatever changed it, in whichever tab,
 * each change is seen once.
 *
 * Lines are compared by variant: the key of a line changes with its properties and discounts, which adds nothing
 * to a cart and removes nothing from it (https://shopify.dev/docs/api/ajax/reference/cart).
 */
import { isUndecided, marketing, mayCollect } from './consent.ts'
import { emit, fetch, post } from './events.ts'
import { type Attributes, facts, type Item, type Product } from './facts.ts'
import { safely } from './safely.ts'
import { read, visitor, write } from './store.ts'

/** `k` the cart's token or "", `l` its lines. */
type Seen = { k: string; l: Item[] }
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
let memory: Seen | undefined
let isStale = false

const lastSeen = () => read<Seen>(SEEN) ?? memory

function remember(seen: Seen): void {
  memory = seen
  if (mayCollect()) write(SEEN, seen)
}

/** Each product of which there are more now, or fewer (negative), and how many. */
function changesOf(before: Item[], now: Item[]): [Product, number][] {
  const changes: Record<string, [Product, number]> = {}
  const count = (items: Item[], sign: number) => {
    for (const { quantity, ...product } of items) {
      changes[product.variantId] = [product, (changes[product.variantId]?.[1] ?? 0) + quantity * sign]
    }
  }
  count(before, -1)
  count(now, 1)
  return Object.values(changes).filter(([, more]) => more)
}

const decimal = (hundredths: number) => (hundredths / 100).toFixed(2)

/** Reads the cart after it may have changed; one after the other, in all tabs. */
const compareCart = safely(() =>
  navigator.locks.request('sluice', async () => {
    const cart: AjaxCart = await (await fetch(`${facts.root}cart.js`)).json()
    facts.cart = {
      currency: cart.currency,
      total: decimal(cart.total_price),
      items: cart.items.map(item => ({
        id: String(item.product_id),
        variantId: String(item.variant_id),
        handle: item.handle,
        title: item.product_title,
        variantTitle: item.variant_title,
        sku: item.sku,
        vendor: item.vendor,
        type: item.product_type,
        price: decimal(item.price),
        currency: cart.currency,
        url: location.origin + item.url,
        imageUrl: item.image,
        quantity: item.quantity,
      })),
      attributes: cart.attributes,
    }
    const seen = lastSeen() as Seen
    const now = { k: cart.token.split('?')[0] as string, l: facts.cart.items }
    remember(now)
    // Another cart: the one before was ordered.
    for (const [product, more] of changesOf(seen.k && seen.k !== now.k ? [] : seen.l, now.l)) {
      emit(`product_${more > 0 ? 'added_to' : 'removed_from'}_cart`, { product, quantity: Math.abs(more) })
    }
    writeAttributes()
  }),
)

/** To be called when the cart may have changed; before the start it is only noted. */
export function cartChanged(): void {
  isStale = true
  if (memory) compareCart()
}

/**
 * Compares the cart as the page knows it: what a plain form or another page changed.
 * @param restored whether the page is an old one
 */
export async function compareCartOfPage(restored?: boolean): Promise<void> {
  const l = facts.cart.items
  const seen = lastSeen()
  remember(seen ?? { k: '', l })
  if (restored || isStale || changesOf(seen?.l ?? [], l)[0]) await compareCart()
  else writeAttributes()
}

/** The data of a view of the cart as it is known now. */
export const cartView = () => ({ cart: { ...facts.cart, token: lastSeen()?.k, attributes: undefined } })

/** Tells checkouts and orders, which inherit the attributes, who the visitor is and what is allowed. */
function writeAttributes(): void {
  const { items, attributes } = facts.cart
  const wanted = {
    sluice_visitor: mayCollect() ? visitor()?.v : '',
    sluice_consent: `analytics=${Number(mayCollect())},marketing=${Number(marketing())}`,
  }
  if (!items[0] || isUndecided() || told(wanted) === told(attributes)) return
  facts.cart.attributes = wanted
  safely(post)(`${facts.root}cart/update.js`, { attributes: wanted })
}

const told = (attributes: Attributes) => (attributes.sluice_visitor ?? '') + attributes.sluice_consent
