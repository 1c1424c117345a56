/** A page that is left by a link and comes back from the browser's own back/forward cache, as it was: nothing is lost, nothing told twice. */
import { describe, expect, it, vi } from 'vitest'
import { added, CART, LAMPS, viewed } from './lines.ts'
import { BOTH, EMBED, PIXEL, shopper } from './shopper.ts'

const walker = shopper({ keepsPages: true })

/** Notes on the page what only this very document can know when it is shown again. */
const mark = () =>
  walker.page.evaluate(() => {
    const kept = { shown: 0, bornAt: performance.timeOrigin }
    Object.assign(window, { kept })
    addEventListener('pageshow', ({ persisted }) => {
      kept.shown += Number(persisted)
    })
  })

/** Goes back to the page with the mark; fails with the browser's reasons where it was loaded anew instead. */
async function comeBack(pages: number): Promise<void> {
  const leaving = walker.page.evaluate(pages => history.go(-pages), pages)
  // It is answered, or ends with its page.
  await leaving.catch(() => {})
  await vi.waitFor(
    async () => {
      const [kept, bornAt, reasons] = await walker.page.evaluate(() => {
        const [navigation] = performance.getEntriesByType('navigation') as (PerformanceEntry & {
          notRestoredReasons?: unknown
        })[]
        return [
          (window as { kept?: { shown: number; bornAt: number } }).kept,
          performance.timeOrigin,
          navigation?.notRestoredReasons,
        ] as const
      })
      expect({ kept, reasons }).toEqual({ kept: { shown: 1, bornAt }, reasons: null })
    },
    { timeout: 15_000 },
  )
}

async function toDeskLamp(): Promise<void> {
  await walker.page.click('.grid >> text=Gull Desk Lamp')
  await walker.page.waitForURL('**/products/gull-desk-lamp*')
}

describe.each([
  ['the embed', EMBED],
  ['the pixel', PIXEL],
  ['both', BOTH],
])('a page that comes back from the back/forward cache, told by %s', (_, collectors) => {
  // Shopify's own events, which are all that a pixel sees, say nothing of a page that comes back.
  const viewedAgain = collectors.embed ? viewed() : {}

  it('is viewed once more; what was added before and on another page is added once', async () => {
    await walker.browse(collectors)
    await mark()
    // And left at once: told while the page closes, or by the next.
    await walker.add()
    await walker.toCollection()
    await walker.isSeen(added(), LAMPS)
    await toDeskLamp()
    await walker.isSeen(viewed('gull-desk-lamp'))
    await walker.add()
    await walker.isSeen(added(1, 'gull-desk-lamp'))
    await comeBack(2)
    await walker.isSeen(viewedAgain)
    await walker.add()
    await walker.isSeen(added())
    await walker.toCart()
    await walker.isSeen(CART)
    await walker.isSeenNoMore()
  })

  it('sees at once that consent was withdrawn on another page', async () => {
    await walker.browse(collectors)
    await mark()
    await walker.toCollection()
    await walker.isSeen(LAMPS)
    await walker.page.click('[data-consent-open]')
    await walker.consent('none')
    await expect.poll(walker.stored).toEqual([])
    await comeBack(1)
    await walker.add()
    await walker.isSeenNoMore()
    expect(await walker.stored()).toEqual([])
  })
})
