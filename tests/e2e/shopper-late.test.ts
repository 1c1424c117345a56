/** An embed whose script comes later than the pixel waits for it: both tell of one view, and each vendor is told once. */
import { describe, expect, it } from 'vitest'
import { explainEvent } from '../../app/insights/explain.ts'
import { VENDORS } from '../../sandbox/vendors/contract.ts'
import { HOME, knownView, viewed } from './lines.ts'
import { PIXEL, shopper } from './shopper.ts'

const walker = shopper()

/** The stories of the product's views, by who told of them. */
async function stories() {
  const { pool, database, sealer } = walker.app.server.services
  const { rows } = await pool.query<{ id: string; source: string }>(
    `select id, source from events where type = 'product_viewed'`,
  )
  const told = await Promise.all(
    rows.map(async ({ id, source }) => ({
      source,
      id,
      story: (await explainEvent(database, sealer, walker.app.shopId, id))?.story,
    })),
  )
  return told.sort((a, b) => (a.source < b.source ? -1 : 1))
}

describe('a view of which the pixel and a late embed both tell', () => {
  it('is one event at each vendor, and the story of the other says counted_once and names it', async () => {
    await walker.open(PIXEL)
    await walker.consent('all')
    await walker.isSeen(HOME)
    await walker.signIn()
    const script = walker.page.waitForResponse(/sluice\.js\?late=1$/)
    await walker.page.goto(`${walker.store.url}/products/tide-lantern?embed=late`)
    await script
    await walker.isSeen(viewed(), knownView())
    await expect
      .poll(async () => (await stories()).map(({ source }) => source))
      .toEqual(['pixel', 'storefront'])
    await walker.isSeenNoMore()
    const [pixel, theme] = await stories()
    for (const vendor of VENDORS) {
      const pair = [pixel, theme].map(one => ({
        id: one?.id,
        ...one?.story?.deliveries.find(delivery => delivery.vendor === vendor),
      }))
      const sent = pair.find(({ reason }) => reason !== 'counted_once')
      const counted = pair.find(one => one !== sent)
      expect(sent).toMatchObject({ state: 'delivered' })
      expect(counted).toMatchObject({ state: 'skipped', reason: 'counted_once', sentInstead: sent?.id })
    }
  })
})
