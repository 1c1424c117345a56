/** Two tabs of one browser, and a page that comes back from the back/forward cache: nothing is lost, nothing told twice. */
import { describe, expect, it } from 'vitest'
import { added, basket, CART, HOME, knownAdding, knownView, LAMPS, together, viewed } from './lines.ts'
import { BOTH, EMBED, PIXEL, shopper } from './shopper.ts'

const walker = shopper()

const VIEW = together(viewed(), knownView())

async function openSecond(path: string) {
  const second = await walker.context.newPage()
  await second.goto(walker.store.url + path)
  return second
}

describe.each([
  ['the embed', EMBED],
  ['the pixel', PIXEL],
  ['both', BOTH],
])('two tabs, told by %s', (_, collectors) => {
  it('that add at the same time each add once', async () => {
    await walker.browse(collectors)
    await walker.add()
    await walker.isSeen(added())
    const second = await openSecond('/products/gull-desk-lamp')
    await walker.isSeen(viewed('gull-desk-lamp'))
    await Promise.all([walker.page, second].map(page => page.click('[data-add]')))
    await second.waitForSelector('text=Added to the cart.')
    await walker.isSeen(added(), added(1, 'gull-desk-lamp'))
    await walker.toCart()
    if (collectors.embed) await walker.cartSays('analytics=1,marketing=1')
    await walker.isSeen(CART)
    await walker.toCheckout()
    await walker.giveContact()
    await walker.isSeen(
      knownView(),
      knownView('Gull Desk Lamp', 'NL-GULL'),
      basket('Brass / Small', 'Gull Desk Lamp'),
      knownAdding(),
      knownAdding(),
      knownAdding(1, 'NL-GULL'),
    )
    await walker.isSeenNoMore()
  })

  it('of which one withdraws are both seen no more', async () => {
    await walker.open(collectors)
    await walker.consent('all')
    await walker.isSeen(HOME)
    const second = await openSecond('/products/tide-lantern')
    await walker.isSeen(viewed())
    await walker.page.click('[data-consent-open]')
    await walker.consent('none')
    await expect.poll(walker.stored).toEqual([])
    await walker.add(second)
    await walker.isSeenNoMore()
    expect(await walker.stored()).toEqual([])
  })
})

// The browser of these tests has no such cache: the page is told what it is told when it comes back from it.
describe.each([
  ['the embed', EMBED],
  ['both', BOTH],
])('a page that comes back, told by %s', (_, collectors) => {
  it('is viewed once more, and what was added meanwhile is added once', async () => {
    await walker.open(collectors)
    await walker.consent('all')
    await walker.isSeen(HOME)
    await walker.signIn()
    await walker.toCollection()
    await walker.isSeen(LAMPS)
    await walker.toProduct()
    await walker.isSeen(VIEW)
    const transition = (name: string) =>
      walker.page.evaluate(name => dispatchEvent(new PageTransitionEvent(name, { persisted: true })), name)
    await transition('pagehide')
    const form = { id: '43012345678911', quantity: '1' }
    await walker.context.request.post(`${walker.store.url}/cart/add`, { form })
    await transition('pageshow')
    await walker.isSeen(VIEW, added(), knownAdding())
    await transition('pagehide')
    await transition('pageshow')
    await walker.isSeen(VIEW)
    await walker.toCart()
    await walker.isSeen(CART)
    await walker.isSeenNoMore()
  })
})
