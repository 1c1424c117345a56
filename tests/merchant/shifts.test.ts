/** No screen moves under its reader while it comes, in whatever order: Shopify allows a layout shift of 0.1 in all. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WEEK_ENDS } from '../../sandbox/demo/week.ts'
import { pathOf, SCREENS } from '../support/screens.ts'
import { shiftsOn } from '../support/shifts.ts'
import { type Show, startShow } from '../support/show.ts'

let show: Show
beforeAll(async () => {
  show = await startShow()
}, 120_000)
afterAll(() => show?.close())

/** Half of what Shopify allows. */
const MOST = 0.05
/** Of those that are laid out alike, the one in which the most comes late. */
const NAMES = [
  ...['home', 'home-new', 'tools', 'tool-refused', 'tool-new', 'syncs', 'preview'],
  ...['activity', 'event', 'accuracy', 'accuracy-new', 'settings'],
]
const visits = SCREENS.filter(({ name }) => NAMES.includes(name)).flatMap(screen =>
  [1280, 390].map(width => [screen.name, width, screen] as const),
)

// Most of a visit is waiting for frames.
it.concurrent.each(visits)('%s at %i pixels', async (_, width, screen) => {
  const { isNew = false } = screen
  const address = show.address({ path: pathOf(screen, show.ids), isNew, locale: 'en' })
  const { sum, moved } = await shiftsOn(show.browser, { address, width, now: WEEK_ENDS })
  expect(sum, moved.join('\n')).toBeLessThan(MOST)
})
