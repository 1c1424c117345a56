/** The sandbox store's memory: its carts, customers, checkouts and browsers, and what it tells the app of them. */
import { randomUUID } from 'node:crypto'
import { cartPayload, imageUrl } from './cart-json.ts'
import { type Cart, copyOf, newCart, now } from './carts.ts'
import { CATALOGUE, type Product, sold } from './catalogue.ts'
import { type Checkout, checkoutBody, createOrders, newCheckout, orderBody } from './checkouts.ts'
import { type Customer, type Customers, createCustomers } from './customers.ts'
import { productPayload } from './payloads.ts'
import { cartChanges, checkoutEvent, type StandardEvent } from './standard-events.ts'
import type { Webhooks } from './webhooks.ts'

/** One browser, known by its session cookie. */
export type Browser = {
  id: string
  customerId: number | null
  /** Events that the next page publishes, because the page in which they happened is gone. */
  pending: StandardEvent[]
}

export type Memory = ReturnType<typeof createMemory>

/** @param nextOrder what numbers the orders */
export function createMemory(webhooks: Webhooks, nextOrder = createOrders()) {
  const carts = new Map<string, Cart>()
  const announced = new Set<Cart>()
  const browsers = new Map<string, Browser>()
  const checkouts = new Map<string, Checkout>()
  const customers: Customers = createCustomers(payload => webhooks.emit('customers/create', payload))

  const cartOf = (cookie: string | undefined): Cart => {
    const [token = ''] = (cookie ?? '').split('?')
    return carts.get(token) ?? newCart()
  }

  return {
    customers,
    checkouts,
    carts,
    browserOf(id: string | undefined): Browser {
      const known = browsers.get(id ?? '')
      if (known) return known
      const browser: Browser = { id: randomUUID(), customerId: null, pending: [] }
      browsers.set(browser.id, browser)
      return browser
    },
    customerOf: (browser: Browser): Customer | null => customers.byId(browser.customerId),
    /** The browser's cart by its cookie, or an empty one that is not kept yet. */
    cartOf,
    /**
     * Changes a cart, or nothing of it when `change` throws. Tells the app only when the cart is another
     * afterwards, as Shopify does since 2026-10-12.
     * @returns the standard events that the change publishes
     */
    changeCart(cart: Cart, host: string, change: (draft: Cart) => void): StandardEvent[] {
      const draft = copyOf(cart)
      change(draft)
      carts.set(cart.token, cart)
      if (stateOf(draft) === stateOf(cart)) return []
      const events = cartChanges(cart.lines, draft.lines, host)
      Object.assign(cart, draft, { updatedAt: now() })
      webhooks.emit(announced.has(cart) ? 'carts/update' : 'carts/create', cartPayload(cart))
      announced.add(cart)
      return events
    },
    /** One checkout for each cart: begun again after a change of the cart, it is the same one, changed. */
    beginCheckout(cart: Cart, browser: Browser, host: string): Checkout {
      const open = [...checkouts.values()].find(one => one.order === null && one.cart.token === cart.token)
      if (open && stateOf(open.cart) !== stateOf(cart)) {
        Object.assign(open, { cart: copyOf(cart), updatedAt: now() })
        webhooks.emit('checkouts/update', checkoutBody(open))
      }
      if (open) return open
      const checkout = newCheckout(cart, customers.byId(browser.customerId))
      checkouts.set(checkout.token, checkout)
      webhooks.emit('checkouts/create', checkoutBody(checkout))
      browser.pending.push(checkoutEvent('checkout_started', checkout, host))
      return checkout
    },
    /** @returns false when the contact is no e-mail */
    giveContact(checkout: Checkout, contact: Contact, browser: Browser, host: string): boolean {
      const signedIn = customers.byId(browser.customerId)
      const customer =
        signedIn?.email === contact.email ? signedIn : customers.known(contact.email, contact, false)
      if (!customer) return false
      customer.marketing ||= contact.marketing
      const given = { customer, email: customer.email, marketing: contact.marketing, updatedAt: now() }
      Object.assign(checkout, given)
      webhooks.emit('checkouts/update', checkoutBody(checkout))
      browser.pending.push(checkoutEvent('checkout_contact_info_submitted', checkout, host))
      return true
    },
    /** Ends the checkout in an order, once; the cart it came from is gone then. */
    pay(checkout: Checkout, browser: Browser, host: string): void {
      if (checkout.order) return
      browser.pending.push(checkoutEvent('payment_info_submitted', checkout, host))
      checkout.order = nextOrder()
      if (checkout.customer) checkout.customer.orders += 1
      carts.delete(checkout.cart.token)
      webhooks.emit('orders/create', orderBody(checkout, 'pending'))
      webhooks.emit('orders/paid', orderBody(checkout, 'paid'))
      browser.pending.push(checkoutEvent('checkout_completed', checkout, host))
    },
    ordersOf: (customer: Customer) =>
      [...checkouts.values()].filter(({ order, email }) => order !== null && email === customer.email),
  }
}

export type Contact = { email: string; first: string; last: string; marketing: boolean }

const stateOf = ({ lines, attributes, note }: Cart) =>
  JSON.stringify([lines.map(({ key, quantity }) => [key, quantity]), Object.entries(attributes).sort(), note])

/** Tells the app what is sold, and at which address: what it would have learnt of a store that grew. */
export function announceCatalogue(webhooks: Webhooks, shop: string, host: string): void {
  const at = now()
  webhooks.emit('shop/update', {
    id: 1,
    name: 'Pier Works',
    domain: host,
    myshopify_domain: shop,
    currency: 'EUR',
    iana_timezone: 'Europe/Prague',
    updated_at: at,
  })
  for (const product of CATALOGUE) webhooks.emit('products/create', catalogueProduct(product, at, host))
}

function catalogueProduct(product: Product, at: string, host: string) {
  const [variant] = product.variants
  return {
    ...productPayload(sold({ product, variant }), at),
    variants: product.variants.map(({ id, sku, values, price }) => ({
      id,
      sku,
      title: values.join(' / '),
      price,
      image_id: null,
    })),
    image: { src: imageUrl(product.handle, host) },
  }
}
