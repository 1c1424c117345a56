/**
 * Changes of the cart, found by comparing it with the cart as last seen: whatever changed it, in whichever tab,
 * each change is seen once.
 *
 * Lines are compared by variant: the key of a line changes with its properties and discounts, which adds nothing
 * to a cart and removes nothing from it (https://shopify.dev/docs/api/ajax/reference/cart).
 */
import { isUndecided, marketing, mayCollect } from './consent.ts'
import { emit, OWN, post } from './events.ts'
import { type Attributes, facts, type Item } from './facts.ts'
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

const lastSeen = () => read<Seen>(SEEN) ?? memory

function remember(seen: Seen): void {
  memory = seen
  if (mayCollect()) write(SEEN, seen)
}

/** Each item of which there are more now (by `quantity`), or fewer (negative). */
function changesOf(before: Item[], now: Item[]): Item[] {
  const changes: Record<string, Item> = {}
  const count = (items: Item[], sign: number) => {
    for (const item of items) {
      const quantity = (changes[item.variantId]?.quantity ?? 0) + item.quantity * sign
      changes[item.variantId] = { ...item, quantity }
    }
  }
  count(before, -1)
  count(now, 1)
  return Object.values(changes).filter(({ quantity }) => quantity)
}

const decimal = (hundredths: number) => (hundredths / 100).toFixed(2)

/** Reads the cart after it may have changed; one after the other, in all tabs. */
export const compareCart = safely(() =>
  navigator.locks.request('sluice', async () => {
    const cart: AjaxCart = await (await fetch(`${facts.root}cart.js`)).json()
    facts.cart = {
      currency: cart.currency,
      total: decimal(cart.total_price),
      items: cart.items.map(item => ({
        id: `${item.product_id}`,
        variantId: `${item.variant_id}`,
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
    for (const product of changesOf(seen.k && seen.k !== now.k ? [] : seen.l, now.l)) {
      const { quantity } = product
      emit(`product_${quantity > 0 ? 'added_to' : 'removed_from'}_cart`, {
        product,
        quantity: Math.abs(quantity),
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
  const l = facts.cart.items
  const seen = lastSeen()
  remember(seen ?? { k: '', l })
  // By its token a cart that was ordered is told from one that was emptied, and only cart.js has it.
  const isUnnamed = l[0] && !seen?.k
  if (restored || isUnnamed || changesOf(seen?.l ?? [], l)[0]) await compareCart()
  else writeAttributes()
}

/** The data of a view of the cart as it is known now. */
export const cartView = () => ({ cart: { ...facts.cart, token: lastSeen()?.k, attributes: undefined } })

/** Tells checkouts and orders, which inherit the attributes, who the visitor is and what is allowed. */
function writeAttributes(): void {
  const { items, attributes } = facts.cart
  const wanted = {
    sluice_visitor: mayCollect() ? visitor()?.v : '',
    sluice_consent: `analytics=${+mayCollect()},marketing=${+marketing()}`,
  }
  if (!items[0] || isUndecided() || told(wanted) === told(attributes)) return
  facts.cart.attributes = wanted
  safely(post)(`${facts.root}cart/update.js?${OWN}`, { attributes: wanted })
}

const told = (attributes: Attributes) => (attributes.sluice_visitor ?? '') + attributes.sluice_consent
