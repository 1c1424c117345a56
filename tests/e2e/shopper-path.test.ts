/** A shopper's whole way through the store, as the four vendors see it. */
import { describe, it } from 'vitest'
import { BOTH, type Collectors, CUSTOMER, EMAIL, EMBED, PIXEL, shopper } from './shopper.ts'

const walker = shopper()

/** What waits for the person to be known: of a product only the last view. */
const known = (variant: string, sku: string) => ({
  ecomail: [`product_viewed ${variant} ${EMAIL}`],
  topmail: [`product-view ${sku} ${EMAIL}`],
  voucherify: [`product_viewed ${CUSTOMER}`, `product_added_to_cart ${CUSTOMER}`],
})

const CHECKOUT = {
  ecomail: [`Basket [Nickel / Small] ${EMAIL}`],
  voucherify: [`checkout_started ${CUSTOMER}`],
}
const ORDER = {
  ecomail: [`transaction processing ${EMAIL}`, `Basket [] ${EMAIL}`],
  alana: ['purchase-complete'],
  voucherify: [`order_placed ${CUSTOMER}`, `order_paid ${CUSTOMER}`],
}

async function toSecondVariant(collectors: Collectors): Promise<void> {
  await walker.open(collectors)
  await walker.consent('all')
  await walker.isSeen({ alana: ['home-page-view'] })
  const { page } = walker
  await page.fill('.top-search input', 'lantern')
  await page.press('.top-search input', 'Enter')
  await page.waitForURL('**/search?q=lantern')
  await walker.isSeen({ alana: ['search'] })
  await walker.toCollection()
  await walker.isSeen({ alana: ['category-view'] })
  await walker.toProduct()
  await walker.isSeen({ alana: ['detail-page-view'] })
  await walker.chooseNickel()
}

describe('a shopper who allows everything, adds, signs in and orders', () => {
  it.each<[string, Collectors]>([
    ['the embed', EMBED],
    ['both', BOTH],
  ])('is seen once at each step by every vendor, told by %s', async (_, collectors) => {
    await toSecondVariant(collectors)
    await walker.isSeen({ alana: ['detail-page-view'] })
    await walker.add()
    await walker.isSeen({ alana: ['add-to-cart'] })
    await walker.toCart()
    await walker.isSeen({ alana: ['shopping-cart-page-view'] })
    await walker.signIn()
    await walker.toCart()
    await walker.isSeen(known('Nickel / Small', 'TL-N-S'), { alana: ['shopping-cart-page-view'] })
    await walker.cartSays('analytics=1,marketing=1')
    await walker.toCheckout()
    await walker.isSeen(CHECKOUT)
    await walker.pay()
    await walker.isSeen(ORDER)
    await walker.isSeenNoMore()
  })

  // Shopify signs nothing for a pixel: who signed in is known by the checkout, and a chosen variant is no event of Shopify's.
  it('is seen once at each step by every vendor, told by the pixel', async () => {
    await toSecondVariant(PIXEL)
    await walker.add()
    await walker.isSeen({ alana: ['add-to-cart'] })
    await walker.toCart()
    await walker.isSeen({ alana: ['shopping-cart-page-view'] })
    await walker.signIn()
    await walker.toCart()
    await walker.isSeen({ alana: ['shopping-cart-page-view'] })
    await walker.toCheckout()
    await walker.isSeen(known('Brass / Small', 'TL-B-S'), CHECKOUT)
    await walker.pay()
    await walker.isSeen(ORDER)
    await walker.isSeenNoMore()
  })
})
