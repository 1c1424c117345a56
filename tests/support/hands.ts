/** Three ways to use a page: a mouse, a finger, and a keyboard alone. Each counts what it does. */
import type { FrameLocator, Locator, Page } from 'playwright-core'

export type Hands = {
  /** How the page must be opened for them. */
  context: { viewport: { width: number; height: number }; hasTouch?: boolean; isMobile?: boolean }
  use(page: Page): Hand
}
export type Hand = {
  /** Presses what is there once. */
  press(target: Locator): Promise<void>
  /** Goes to a field and writes. */
  write(target: Locator, text: string): Promise<void>
  /** Clicks, taps or keys so far; letters that are written are not counted. */
  count(): number
}

const DESK = { viewport: { width: 1280, height: 800 } }
const PHONE = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true }
/** More stops than any page has: who has not arrived by then is in a trap. */
const MOST_STOPS = 150
/** How far around an element its focus may be drawn. */
const MARGIN = 24

function byPressing(press: (target: Locator) => Promise<void>) {
  return (page: Page): Hand => {
    let count = 0
    const once = async (target: Locator) => {
      await press(target)
      count++
    }
    return {
      press: once,
      async write(target, text) {
        await once(target)
        await page.keyboard.type(text)
      },
      count: () => count,
    }
  }
}

export const HANDS: Readonly<Record<'a mouse' | 'a finger' | 'a keyboard', Hands>> = {
  'a mouse': { context: DESK, use: byPressing(target => target.click()) },
  'a finger': { context: PHONE, use: byPressing(target => target.tap()) },
  'a keyboard': { context: DESK, use: keyboard },
}

/** Tab and Enter, and nothing else. @throws at a stop whose focus cannot be seen, and in a trap */
function keyboard(page: Page): Hand {
  let count = 0
  const seen = new Set<string>()
  const app = page.frameLocator('iframe')
  const goTo = async (target: Locator) => {
    await target.waitFor()
    for (let stops = 0; stops < MOST_STOPS; stops++) {
      if (await target.evaluate(element => element === element.ownerDocument.activeElement)) return
      await page.keyboard.press('Tab')
      count++
      await seeFocus(page, app, seen)
    }
    throw new Error(`not reached with ${MOST_STOPS} times Tab: ${target}`)
  }
  return {
    async press(target) {
      await goTo(target)
      await page.keyboard.press('Enter')
      count++
    },
    async write(target, text) {
      await goTo(target)
      await page.keyboard.type(text)
    },
    count: () => count,
  }
}

/** Compares what is drawn around the focused element with what is drawn there without the focus. */
async function seeFocus(page: Page, app: FrameLocator, seen: Set<string>): Promise<void> {
  const isInApp = await page.evaluate(() => document.activeElement?.tagName === 'IFRAME')
  const focused = isInApp ? app.locator(':focus') : page.locator(':focus')
  // Between the last element and the first the focus is the browser's.
  if ((await focused.count()) === 0) return
  const element = await focused.first().elementHandle()
  if (!element) return
  const what = await element.evaluate(each => `${each.ownerDocument.location.pathname} ${each.outerHTML}`)
  if (seen.has(what)) return
  seen.add(what)
  await element.scrollIntoViewIfNeeded()
  const box = await element.boundingBox()
  if (!box) throw new Error(`what has the focus is not drawn: ${what}`)
  const { width, height } = page.viewportSize() ?? DESK.viewport
  const [x, y] = [Math.max(0, box.x - MARGIN), Math.max(0, box.y - MARGIN)]
  const clip = {
    x,
    y,
    width: Math.min(width, box.x + box.width + MARGIN) - x,
    height: Math.min(height, box.y + box.height + MARGIN) - y,
  }
  const shot = () => page.screenshot({ clip, animations: 'disabled' })
  const withFocus = await shot()
  await element.evaluate(each => (each as HTMLElement).blur())
  const without = await shot()
  await element.evaluate(each => (each as HTMLElement).focus({ preventScroll: true }))
  if (withFocus.equals(without)) throw new Error(`the focus cannot be seen at: ${what}`)
}
