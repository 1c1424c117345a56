/** Looking at a page of the merchant's as it is drawn. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Frame, Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The app's own frame in the stand-in admin. */
export function frameOf(page: Page): Frame {
  const frame = page.frames().find(each => each !== page.mainFrame())
  if (!frame) throw new Error('the app is not in its frame')
  return frame
}

/** What axe finds of serious or critical violations. */
export async function violations(page: Page): Promise<string[]> {
  const frame = frameOf(page)
  await frame.evaluate(AXE)
  return frame.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
    }
    return (await axe.run()).violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

/** How far the page can be scrolled sideways, in pixels. */
export const sideways = (page: Page) =>
  frameOf(page).evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
