/** What of a page moves while it comes, when all comes as late as it can: the same however busy the machine is. */
import type { Browser, Page } from 'playwright-core'
import { BROWSER } from '../../sandbox/store/shopify.ts'

export type Visit = {
  /** Of the page in the stand-in admin. */
  address: string
  /** In CSS pixels. */
  width: number
  /** The time on the page's clock, where it stands still. */
  now?: Date | string
  /** Waits for what the page should show in the end. */
  arrived?(page: Page): Promise<void>
}
/** The sum of all shifts, each a share of the window as Chromium reckons it, and what moved. */
export type Shifts = { sum: number; moved: string[] }

type Watched = Window &
  typeof globalThis & {
    shifts: { value: number; what: string[] }[]
    isHydrated: boolean
    __remixRouter: Router
  }
type Router = {
  state: { navigation: Busy; revalidation: Busy['state']; fetchers: Map<string, Busy> }
}
type Busy = { state: 'idle' | 'loading' | 'submitting' }
type ShiftEntry = PerformanceEntry & {
  value: number
  sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[]
}
/** So many parts of a page's body arrive one after the other. */
const PARTS = 16

/**
 * Without the admin around it: in a frame of the same process Chromium counts as moved what was never painted, because the styles were not
 * there; Shopify's frame has a process of its own. First the page's HTML part by part, each painted; then its scripts;
 * and what these ask the app for once what they made of the page is painted.
 */
export async function shiftsOn(browser: Browser, { address, width, now, arrived }: Visit): Promise<Shifts> {
  const context = await browser.newContext({ viewport: { width, height: 800 } })
  try {
    // Below a test's own, so that it says what was waited for.
    context.setDefaultTimeout(20_000)
    if (now) await context.clock.setFixedTime(now)
    const page = await context.newPage()
    await page.addInitScript(watch)
    const url = await sourceOf(page, address)
    const answer = await page.request.get(url, { headers: { 'user-agent': BROWSER } })
    const [head = '', body = ''] = (await answer.text()).split(/(?<=<body>)/)
    const isShown = Promise.withResolvers<void>()
    await page.route(
      ({ searchParams }) => searchParams.has('_data'),
      async route => {
        await isShown.promise
        await route.continue().catch(() => {})
      },
    )
    // A page of the same origin that has nothing of its own, in place of which this one is written.
    await page.goto(new URL('/healthz', url).href)
    await page.evaluate(
      ([at, html]) => {
        document.open()
        history.replaceState(null, '', at)
        document.write(html)
      },
      [url, head] as const,
    )
    await page.waitForFunction(
      () => document.body && [...document.querySelectorAll('link')].every(({ sheet }) => sheet),
    )
    const size = Math.ceil(body.length / PARTS)
    for (let at = 0; at < body.length; at += size) {
      await page.evaluate(html => document.write(html), body.slice(at, at + size))
      await painted(page)
    }
    await page.evaluate(() => document.close())
    await page.waitForFunction(() => (window as Watched).isHydrated)
    await atRest(page)
    isShown.resolve()
    await page.waitForFunction(() => {
      const { navigation, revalidation, fetchers } = (window as Watched).__remixRouter.state
      return [navigation.state, revalidation, ...[...fetchers.values()].map(({ state }) => state)].every(
        state => state === 'idle',
      )
    })
    await arrived?.(page)
    await atRest(page)
    const shifts = await page.evaluate(() => (window as Watched).shifts)
    return {
      sum: shifts.reduce((sum, { value }) => sum + value, 0),
      moved: shifts.flatMap(({ value, what }) => what.map(each => `${value.toFixed(3)} ${each}`)),
    }
  } finally {
    await context.close()
  }
}

/** The address of the app's own page in the admin's frame. */
async function sourceOf(page: Page, address: string): Promise<string> {
  await page.setContent(
    await (await page.request.get(address)).text().then(html => html.replace('src=', 'title=')),
  )
  return (await page.locator('iframe').getAttribute('title')) ?? ''
}

/** Two frames on, so that the first is painted. */
const painted = (page: Page) =>
  page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))

/** Whatever the page has begun to draw is painted, and its shifts are noted. */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(() => new Promise(done => requestIdleCallback(done)))
  await painted(page)
  await page.evaluate(() => new Promise(done => requestIdleCallback(done)))
}

/** Runs in the page, before anything of its own. */
function watch(): void {
  const shifts: Watched['shifts'] = []
  Object.assign(window, {
    shifts,
    // What React tells its developer tools: here, that the first effects have run, which ask the app for what comes later.
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      supportsFiber: true,
      inject: () => 1,
      onCommitFiberRoot() {},
      onCommitFiberUnmount() {},
      onPostCommitFiberRoot() {
        Object.assign(window, { isHydrated: true })
      },
    },
  })
  const told = ({ x, y, width, height }: DOMRectReadOnly) => `${[x, y, width, height].map(Math.round)}`
  new PerformanceObserver(list => {
    for (const { value, sources } of list.getEntries() as ShiftEntry[]) {
      const what = sources.map(
        ({ node, previousRect, currentRect }) =>
          `${node?.nodeName} ${told(previousRect)} to ${told(currentRect)}: ${node?.textContent?.slice(0, 40)}`,
      )
      shifts.push({ value, what })
    }
  }).observe({ type: 'layout-shift', buffered: true })
}
