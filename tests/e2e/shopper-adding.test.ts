/** Adding to the cart in each of the ways that themes do it: one more in the cart is one event at each vendor. */
import { describe, it } from 'vitest'
import { MODES } from '../../sandbox/store/visit.ts'
import { BOTH, CUSTOMER, EMAIL, EMBED, PIXEL, shopper } from './shopper.ts'

const walker = shopper()

const ADDED = { alana: ['add-to-cart'] }
const CART = { alana: ['shopping-cart-page-view'] }

describe.each([
  ['the embed', EMBED],
  ['the pixel', PIXEL],
  ['both', BOTH],
])('what is added, told by %s', (_, collectors) => {
  it.each(MODES)('is added once, where the theme does it by %s', async mode => {
    await walker.browse(collectors, 'all', mode)
    if (mode === 'form') {
      await walker.page.click('[data-add]')
      await walker.page.waitForURL('**/cart')
    } else {
      await walker.add()
      await walker.isSeen(ADDED)
      await walker.toCart()
    }
    await walker.isSeen(CART, mode === 'form' ? ADDED : {})
    if (collectors.embed) await walker.cartSays('analytics=1,marketing=1')
    await walker.toCheckout()
    await walker.giveContact()
    await walker.isSeen({
      ecomail: [`product_viewed Brass / Small ${EMAIL}`, `Basket [Brass / Small] ${EMAIL}`],
      topmail: [`product-view TL-B-S ${EMAIL}`],
      voucherify: [`product_viewed ${CUSTOMER}`, `product_added_to_cart ${CUSTOMER}`],
    })
    await walker.isSeenNoMore()
  })
})
