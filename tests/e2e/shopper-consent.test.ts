/** What a shopper allows decides what each vendor is told: at once, late, in part, not at all, no more. */
import { describe, expect, it } from 'vitest'
import { added, basket, CART, knownAdding, knownView, order, purchase, transaction, viewed } from './lines.ts'
import { BOTH, type Collectors, EMBED, PIXEL, shopper } from './shopper.ts'

const walker = shopper()

const EACH: [string, Collectors][] = [
  ['the embed', EMBED],
  ['the pixel', PIXEL],
  ['both', BOTH],
]
const WITH_EMBED: [string, Collectors][] = [
  ['the embed', EMBED],
  ['both', BOTH],
]

const BASKET = basket('Brass / Small')

async function toCheckout(): Promise<void> {
  await walker.toCheckout()
  await walker.giveContact()
}

describe('a shopper who decides late', () => {
  it.each(EACH)('is seen from the page of the decision on, by %s', async (_, collectors) => {
    await walker.open(collectors)
    await walker.toCollection()
    await walker.toProduct()
    await walker.add()
    expect(await walker.stored()).toEqual([])
    await walker.isSeenNoMore()
    await walker.consent('all')
    await walker.isSeen(viewed(), added())
    await walker.toCart()
    await walker.isSeen(CART)
    if (collectors.embed) await walker.cartSays('analytics=1,marketing=1')
    await toCheckout()
    await walker.isSeen(knownView(), BASKET, knownAdding())
    await walker.pay()
    await walker.isSeen(order(true))
    await walker.isSeenNoMore()
  })
})

describe('a shopper who refuses', () => {
  it.each(WITH_EMBED)(
    'is an order and nothing else, by %s, and has nothing stored',
    async (_, collectors) => {
      await walker.open(collectors)
      await walker.consent('none')
      await walker.toCollection()
      await walker.toProduct()
      await walker.chooseNickel()
      await walker.add()
      await walker.toCart()
      await walker.cartSays('analytics=0,marketing=0')
      await toCheckout()
      await walker.pay()
      await walker.isSeen(transaction('TL-N-S'))
      await walker.isSeenNoMore()
      expect(walker.store.proxied).toEqual([])
      expect(await walker.stored()).toEqual([])
      expect(await walker.app.states()).toContainEqual(['order_created', 'skipped', 'no_consent'])
    },
  )

  // Shopify runs no pixel then, and its notices do not say what was refused: without the embed nobody tells.
  it('is known by what Shopify itself tells, where there is only the pixel', async () => {
    await walker.open(PIXEL)
    await walker.consent('none')
    await walker.toCollection()
    await walker.toProduct()
    await walker.add()
    await walker.toCart()
    await toCheckout()
    await walker.isSeen(BASKET)
    await walker.pay()
    await walker.isSeen(order(false))
    await walker.isSeenNoMore()
    expect(await walker.stored()).toEqual([])
  })
})

describe('a shopper who allows analytics alone', () => {
  it.each(WITH_EMBED)('is seen by Alana, and elsewhere as an order, by %s', async (_, collectors) => {
    await walker.browse(collectors, 'analytics')
    await walker.add()
    await walker.isSeen(added())
    await walker.toCart()
    await walker.isSeen(CART)
    await walker.cartSays('analytics=1,marketing=0')
    await toCheckout()
    await walker.pay()
    await walker.isSeen(transaction(), purchase(true))
    await walker.isSeenNoMore()
  })
})

describe('a shopper who withdraws half way', () => {
  const beginAndWithdraw = async (collectors: Collectors) => {
    await walker.browse(collectors)
    await walker.add()
    await walker.isSeen(added())
    await walker.page.click('[data-consent-open]')
    await walker.consent('none')
    await expect.poll(walker.stored).toEqual([])
    await walker.toCart()
  }

  it.each(WITH_EMBED)('is an order and nothing else from then on, by %s', async (_, collectors) => {
    await beginAndWithdraw(collectors)
    await walker.cartSays('analytics=0,marketing=0')
    await toCheckout()
    await walker.pay()
    await walker.isSeen(transaction())
    await walker.isSeenNoMore()
    expect(await walker.stored()).toEqual([])
  })

  it('is known from then on by what Shopify itself tells, where there is only the pixel', async () => {
    await beginAndWithdraw(PIXEL)
    await toCheckout()
    await walker.isSeen(BASKET)
    await walker.pay()
    await walker.isSeen(order(false))
    await walker.isSeenNoMore()
    expect(await walker.stored()).toEqual([])
  })
})
