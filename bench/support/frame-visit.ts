/** A visit to a page of the merchant's admin, in the frame of the stand-in admin, as Chromium measures it. */
import type { Browser, Frame } from 'playwright-core'

export type FrameVisit = {
  /** Of the admin with the app's page in it. */
  url: string
  /** What the app's own addresses begin with. */
  appUrl: string
  /** What a merchant then does there: each is an interaction. */
  act(frame: Frame): Promise<void>
  /** On a phone, by its line. */
  phone?: true
}

/** A slow line of a phone, as Lighthouse simulates it (https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md). */
const LINE = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 }

/**
 * Milliseconds; `shift` is the sum of all layout shifts that follow nobody's doing; `interactionMs` null: the browser made no entry of
 * any interaction, so nothing is known.
 */
export type FrameMeasured = { lcpMs: number; shift: number; interactionMs: number | null }

type Marks = { lcp: number; shift: number; interaction: number; actedAt: number }
type WatchedWindow = Window & typeof globalThis & { benchMarks: Marks }

/** In a context of its own: nothing is cached. */
export async function measureFrame(
  browser: Browser,
  { url, appUrl, act, phone }: FrameVisit,
): Promise<FrameMeasured> {
  const context = await browser.newContext({ viewport: { width: phone ? 390 : 1280, height: 800 } })
  try {
    const page = await context.newPage()
    await page.addInitScript(markFrame)
    if (phone) await (await context.newCDPSession(page)).send('Network.emulateNetworkConditions', LINE)
    await page.goto(url, { waitUntil: 'networkidle' })
    const frame = page.frames().find(each => each.url().startsWith(appUrl))
    if (!frame) throw new Error('the app is not in its frame')
    await frame.getByRole('heading', { level: 1 }).waitFor()
    const marksOf = () => frame.evaluate(() => (window as unknown as WatchedWindow).benchMarks)
    const { lcp } = await marksOf()
    await act(frame)
    // Entries of interactions come after the frame that shows what they did, and none of what took less than 16 ms.
    await frame
      .waitForFunction(() => (window as unknown as WatchedWindow).benchMarks.interaction > 0, null, {
        timeout: 2_000,
      })
      .catch(() => {})
    const { shift, interaction } = await marksOf()
    return { lcpMs: lcp, shift, interactionMs: interaction > 0 ? interaction : null }
  } finally {
    await context.close()
  }
}

/** Runs in each frame, before anything of its own. */
function markFrame(): void {
  const marks: Marks = { lcp: 0, shift: 0, interaction: 0, actedAt: Number.NEGATIVE_INFINITY }
  Object.assign(window, { benchMarks: marks })
  const observe = <T extends PerformanceEntry>(
    type: string,
    note: (entry: T) => void,
    options: PerformanceObserverInit = {},
  ) =>
    new PerformanceObserver(list => {
      for (const entry of list.getEntries()) note(entry as T)
    }).observe({ type, buffered: true, ...options })
  observe('largest-contentful-paint', ({ startTime }) => {
    marks.lcp = startTime
  })
  // What follows a key or a click within half a second is no shift (https://web.dev/articles/cls). Chromium itself knows that of a
  // frame in a process of its own only, as the app's is in Shopify's admin and not in a browser of a single process.
  const note = ({ timeStamp }: Event) => {
    marks.actedAt = timeStamp
  }
  for (const type of ['pointerdown', 'pointerup', 'keydown']) addEventListener(type, note, true)
  observe<PerformanceEntry & { value: number; hadRecentInput: boolean }>('layout-shift', entry => {
    const isAnswer = entry.hadRecentInput || entry.startTime - marks.actedAt < 500
    if (!isAnswer) marks.shift += entry.value
  })
  const timing = { durationThreshold: 16 } as PerformanceObserverInit
  const noteInteraction = ({ duration }: PerformanceEntry) => {
    marks.interaction = Math.max(marks.interaction, duration)
  }
  observe('event', noteInteraction, timing)
  observe('first-input', noteInteraction)
}
