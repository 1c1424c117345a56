/** A shopper's whole way through the store, as the four vendors see it. */
import { describe, it } from 'vitest'
import {
  added,
  basket,
  CART,
  CHECKOUT,
  HOME,
  knownAdding,
  knownView,
  LAMPS,
  order,
  SEARCHED,
  viewed,
} from './lines.ts'
import { BOTH, type Collectors, EMBED, PIXEL, shopper } from './shopper.ts'

const walker = shopper()

/** At the vendors that wait for the person; of a product's views they are told the last only. */
const ADDING = knownAdding(1, 'TL-N-S')
const BASKET = basket('Nickel / Small')

async function toSecondVariant(collectors: Collectors): Promise<void> {
  await walker.open(collectors)
  await walker.consent('all')
  await walker.isSeen(HOME)
  const { page } = walker
  await page.fill('.top-search input', 'lantern')
  await page.press('.top-search input', 'Enter')
  await page.waitForURL('**/search?q=lantern')
  await walker.isSeen(SEARCHED)
  await walker.toCollection()
  await walker.isSeen(LAMPS)
  await walker.toProduct()
  await walker.isSeen(viewed())
  await walker.chooseNickel()
}

describe('a shopper who allows everything, adds, signs in and orders', () => {
  it.each<[string, Collectors]>([
    ['the embed', EMBED],
    ['both', BOTH],
  ])('is seen once at each step by every vendor, told by %s', async (_, collectors) => {
    await toSecondVariant(collectors)
    await walker.isSeen(viewed())
    await walker.add()
    await walker.isSeen(added())
    await walker.toCart()
    await walker.isSeen(CART)
    await walker.signIn()
    await walker.toCart()
    await walker.isSeen(knownView('Nickel / Small', 'TL-N-S'), ADDING, CART)
    await walker.cartSays('analytics=1,marketing=1')
    await walker.toCheckout()
    await walker.isSeen(BASKET, CHECKOUT)
    await walker.pay()
    await walker.isSeen(order(true, 'TL-N-S'))
    await walker.isSeenNoMore()
  })

  // Shopify signs nothing for a pixel: who signed in is known by the checkout, and a chosen variant is no event of Shopify's.
  it('is seen once at each step by every vendor, told by the pixel', async () => {
    await toSecondVariant(PIXEL)
    await walker.add()
    await walker.isSeen(added())
    await walker.toCart()
    await walker.isSeen(CART)
    await walker.signIn()
    await walker.toCart()
    await walker.isSeen(CART)
    await walker.toCheckout()
    await walker.isSeen(knownView(), ADDING, BASKET, CHECKOUT)
    await walker.pay()
    await walker.isSeen(order(true, 'TL-N-S'))
    await walker.isSeenNoMore()
  })
})
