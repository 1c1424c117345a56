/** A shopper who is offline for a while: what happened meanwhile reaches the vendors afterwards, once. */
import { describe, expect, it } from 'vitest'
import { added, basket, CART, HOME, knownAdding, knownView, LAMPS, together, viewed } from './lines.ts'
import { BOTH, EMBED, PIXEL, shopper } from './shopper.ts'

const walker = shopper()

const BRASS = together(viewed(), knownView())
const NICKEL = together(viewed(), knownView('Nickel / Small', 'TL-N-S'))

/** How many views of products wait in the browser. */
const viewsKept = () =>
  walker.page.evaluate(() => {
    const kept = Object.entries(localStorage).filter(([key]) => key.startsWith('sluice:e:'))
    return kept.filter(([, event]) => event.includes('"product_viewed"')).length
  })

/** In the page, before anything else: it is not idle until `goIdle` is called. */
function holdProducts(): void {
  if (!location.pathname.startsWith('/products/')) return
  const original = window.requestIdleCallback
  window.requestIdleCallback = work => {
    const goIdle = () => {
      window.requestIdleCallback = original
      original(work)
    }
    Object.assign(window, { goIdle })
    return 0
  }
}

describe.each([
  ['the embed', EMBED],
  ['both', BOTH],
])('a signed-in shopper who loses the network, told by %s', (_, collectors) => {
  const toProduct = async (first = () => {}) => {
    await walker.open(collectors)
    await walker.context.addInitScript(first)
    await walker.consent('all')
    await walker.isSeen(HOME)
    await walker.signIn()
    await walker.toCollection()
    await walker.isSeen(LAMPS)
    await walker.toProduct()
  }
  const addAndLook = async (sku = 'TL-B-S') => {
    await walker.add()
    await walker.isSeen(added(), knownAdding(1, sku))
    await walker.toCart()
    await walker.isSeen(CART)
    await walker.isSeenNoMore()
  }

  it('on a page is seen there once it is back', async () => {
    await toProduct()
    await walker.isSeen(BRASS)
    await walker.context.setOffline(true)
    await walker.chooseNickel()
    await expect.poll(viewsKept).toBe(1)
    const refused = walker.page.waitForEvent('requestfailed', request => /cart\/add/.test(request.url()))
    await walker.page.click('[data-add]')
    await refused
    await walker.page.waitForSelector('text=That did not work.')
    await walker.isSeen({})
    await walker.context.setOffline(false)
    await walker.isSeen(NICKEL)
    await addAndLook('TL-N-S')
  })

  it('while a page loads is seen on it once it is back', async () => {
    await toProduct(holdProducts)
    await walker.page.waitForFunction('window.goIdle && Shopify.customerPrivacy')
    await walker.context.setOffline(true)
    await walker.page.evaluate('goIdle()')
    await walker.chooseNickel()
    await expect.poll(viewsKept).toBe(2)
    await walker.isSeen({})
    await walker.context.setOffline(false)
    await walker.isSeen(BRASS, NICKEL)
    await addAndLook('TL-N-S')
  })

  it('and goes on to another page is seen on both', async () => {
    await toProduct()
    await walker.isSeen(BRASS)
    await walker.add()
    await walker.isSeen(added(), knownAdding())
    await walker.context.setOffline(true)
    await walker.chooseNickel()
    await expect.poll(viewsKept).toBe(1)
    // The page that is left hears nothing of the network.
    await walker.page.evaluate(() =>
      addEventListener('online', event => event.stopImmediatePropagation(), true),
    )
    await walker.context.setOffline(false)
    await walker.toCart()
    await walker.isSeen(NICKEL, CART)
    await walker.isSeenNoMore()
  })
})

describe('a shopper whose pixel loses the network', () => {
  it('is seen on the next page, and by name in the checkout', async () => {
    await walker.open(PIXEL)
    await walker.consent('all')
    await walker.isSeen(HOME)
    await walker.toCollection()
    await walker.isSeen(LAMPS)
    await walker.context.route('**/pixel/events', route => route.abort('internetdisconnected'))
    await walker.toProduct()
    await walker.add()
    await expect
      .poll(() => walker.page.evaluate(() => localStorage['sluice:p'] ?? ''))
      .toMatch(/added_to_cart/)
    await walker.isSeen({})
    await walker.context.unroute('**/pixel/events')
    await walker.toCart()
    await walker.isSeen(viewed(), added(), CART)
    await walker.toCheckout()
    await walker.giveContact()
    await walker.isSeen(knownView(), basket('Brass / Small'), knownAdding())
    await walker.isSeenNoMore()
  })
})
