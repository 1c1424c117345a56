/** Looking at a page of the merchant's as it is drawn. */
import type { Frame, Page } from 'playwright-core'
import * as look from './look.ts'

/** The app's own frame in the stand-in admin. */
export function frameOf(page: Page): Frame {
  const frame = page.frames().find(each => each !== page.mainFrame())
  if (!frame) throw new Error('the app is not in its frame')
  return frame
}

/** What axe finds of serious or critical violations. */
export const violations = (page: Page) => look.violations(frameOf(page))

/** How far the page can be scrolled sideways, in pixels. */
export const sideways = (page: Page) => look.sideways(frameOf(page))
