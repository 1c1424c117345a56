/** A first visit to a page of a shop, by somebody who has allowed everything, as Chromium measures it. */
import type { Browser, CDPSession, Page } from 'playwright-core'
import type { TraceEvent } from './trace.ts'

export type Visit = {
  url: string
  /** How the address of the script ends whose requests are told apart. */
  script: string
  /** How long the page is watched after it was loaded. */
  watchMs: number
  /** Whether the page has itself looked into its storage and fetched something before, as Shopify's own scripts do in every shop. */
  hasBegun?: boolean
  /** What must have happened as well before the visit ends. */
  until(): Promise<void>
}

export type Measured = {
  /** From the start of the navigation to the largest contentful paint, in milliseconds. */
  lcpMs: number
  /** From there to the first byte of the page. */
  firstByteMs: number
  /** Sum of all layout shifts. */
  shift: number
  /** Of 50 ms or more. */
  longTasks: number
  /** All work of the page's main thread, in milliseconds. */
  mainThreadMs: number
  /** All scripts and functions that the browser ran in it, without what promises continue afterwards. */
  calledMs: number
  /** Paths of what the script asked for. */
  asked: string[]
  /** Those of them that it asked for before the first idle callback that the page had wanted. */
  askedBeforeIdle: string[]
}

type Marks = { lcp: number; shift: number; longTasks: number; idleAt: number }
type WatchedWindow = Window & typeof globalThis & { benchMarks: Marks }

/** In a context of its own: nothing is cached or stored, and the page is not slowed by tracing. */
export async function measureVisit(browser: Browser, visit: Visit): Promise<Measured> {
  return inContext(browser, visit.url, async (page, session) => {
    const initiated = new Set<string>()
    session.on('Network.requestWillBeSent', ({ request, initiator }) => {
      if (initiator.stack?.callFrames.some(({ url }) => url.endsWith(visit.script)))
        initiated.add(request.url)
    })
    await session.send('Network.enable')
    await session.send('Performance.enable')
    await page.addInitScript(markPage)
    await watch(page, visit)
    // The app has what was asked for before the page has the answer, and an entry is made of the answer.
    await page.waitForFunction(
      urls => urls.every(url => performance.getEntriesByName(url, 'resource').length > 0),
      [...initiated],
    )
    const { metrics } = await session.send('Performance.getMetrics')
    const spent = (on: string) => (metrics.find(({ name }) => name === on)?.value ?? Number.NaN) * 1000
    const { marks, resources, firstByteMs } = await page.evaluate(() => ({
      marks: (window as unknown as WatchedWindow).benchMarks,
      firstByteMs:
        (performance.getEntriesByType('navigation') as PerformanceNavigationTiming[])[0]?.responseStart ??
        Number.NaN,
      resources: performance.getEntriesByType('resource').map(({ name, startTime }) => ({ name, startTime })),
    }))
    const ours = resources.filter(({ name }) => initiated.has(name))
    const paths = (list: typeof ours) => list.map(({ name }) => new URL(name).pathname)
    return {
      lcpMs: marks.lcp,
      firstByteMs,
      shift: marks.shift,
      longTasks: marks.longTasks,
      mainThreadMs: spent('TaskDuration'),
      calledMs: spent('ScriptDuration'),
      asked: paths(ours),
      askedBeforeIdle: paths(ours.filter(({ startTime }) => startTime < marks.idleAt)),
    }
  })
}

/**
 * The same visit, traced.
 * @param categories of what is traced
 * @param slowdown how many times slower the page's processor is made
 */
export function traceVisit(
  browser: Browser,
  visit: Visit,
  categories: string[],
  slowdown = 1,
): Promise<TraceEvent[]> {
  return inContext(browser, visit.url, async (page, session) => {
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
    await browser.startTracing(page, { categories })
    await watch(page, visit)
    const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
    return trace.traceEvents
  })
}

async function inContext<T>(
  browser: Browser,
  url: string,
  use: (page: Page, session: CDPSession) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext()
  try {
    const choice = 'analytics=yes&marketing=yes&preferences=yes&sale_of_data=yes'
    await context.addCookies([{ name: 'store_consent', value: encodeURIComponent(choice), url }])
    const page = await context.newPage()
    return await use(page, await context.newCDPSession(page))
  } finally {
    await context.close()
  }
}

async function watch(page: Page, { url, watchMs, hasBegun, until }: Visit): Promise<void> {
  if (hasBegun) await page.addInitScript(begin)
  await page.goto(url, { waitUntil: 'load' })
  await page.waitForTimeout(watchMs)
  await until()
}

/** Runs in the page: what costs the first who does it more than those after. */
function begin(): void {
  localStorage.getItem('begun')
  fetch('/cart.js', { keepalive: true }).then(answer => answer.text())
}

/** Runs in the page, before anything of its own. */
function markPage(): void {
  const marks: Marks = { lcp: 0, shift: 0, longTasks: 0, idleAt: Number.POSITIVE_INFINITY }
  Object.assign(window, { benchMarks: marks })
  const observe = <T extends PerformanceEntry>(type: string, note: (entry: T) => void) =>
    new PerformanceObserver(list => {
      for (const entry of list.getEntries()) note(entry as T)
    }).observe({ type, buffered: true })
  observe('largest-contentful-paint', ({ startTime }) => {
    marks.lcp = startTime
  })
  observe<PerformanceEntry & { value: number }>('layout-shift', ({ value }) => {
    marks.shift += value
  })
  observe('longtask', () => {
    marks.longTasks++
  })
  // The first one that is asked for, not the first there might be: that could come before any script of the page.
  const request = window.requestIdleCallback.bind(window)
  window.requestIdleCallback = (work, options) =>
    request(deadline => {
      marks.idleAt = Math.min(marks.idleAt, performance.now())
      work(deadline)
    }, options)
}
