/** Adding to the cart in each of the ways that themes do it: one more in the cart is one event at each vendor. */
import { describe, it } from 'vitest'
import { MODES } from '../../sandbox/store/visit.ts'
import { added, basket, CART, knownAdding, knownView } from './lines.ts'
import { BOTH, EMBED, PIXEL, shopper } from './shopper.ts'

const walker = shopper()
const quantity = 2

describe.each([
  ['the embed', EMBED],
  ['the pixel', PIXEL],
  ['both', BOTH],
])('what is added, told by %s', (_, collectors) => {
  it.each(MODES)('is added once, as many as were chosen, where the theme does it by %s', async mode => {
    await walker.browse(collectors, 'all', mode)
    await walker.page.fill('#quantity', String(quantity))
    if (mode === 'form') {
      await walker.page.click('[data-add]')
      await walker.page.waitForURL('**/cart')
    } else {
      await walker.add()
      await walker.isSeen(added(quantity))
      await walker.toCart()
    }
    await walker.isSeen(CART, mode === 'form' ? added(quantity) : {})
    if (collectors.embed) await walker.cartSays('analytics=1,marketing=1')
    await walker.toCheckout()
    await walker.giveContact()
    await walker.isSeen(knownView(), basket('Brass / Small'), knownAdding(quantity))
    await walker.isSeenNoMore()
  })
})
