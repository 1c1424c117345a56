/** Two tabs of one browser: nothing is lost, nothing told twice. */
import { describe, expect, it } from 'vitest'
import { added, basket, CART, HOME, knownAdding, knownView, viewed } from './lines.ts'
import { BOTH, EMBED, PIXEL, shopper } from './shopper.ts'

const walker = shopper()

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
