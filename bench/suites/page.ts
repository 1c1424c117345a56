/** What the theme app extension's embed costs a product page of a shop, in Chromium, beside the same page without it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { type Storefront, startStorefront } from '../../sandbox/store/storefront.ts'
import { startNotingApp } from '../../sandbox/store/testing.ts'
import { startBrowser } from '../../tests/support/browser.ts'
import type { Suite } from '../support/bench.ts'
import { pageBytes } from '../support/page-bytes.ts'
import { pageFigures, type Rounds, spreads } from '../support/page-figures.ts'
import { measureVisit, traceVisit, type Visit } from '../support/page-visit.ts'
import { SECRET, shopDomain } from '../support/setup.ts'
import { allWork, EVENTS, SAMPLES, workOf } from '../support/trace.ts'

const PAGE = '/products/tide-lantern'
const SCRIPT = '/sluice.js'
/** How much slower than this machine's a phone's processor is taken to be. */
const SLOWDOWN = 4
const PATIENCE_MS = 15_000
const POLL_MS = 20

/** Both make a new visit each time. */
type Visits = { on(): Visit; off(): Visit }

export const page: Suite = {
  id: 'page',
  about: 'what the embed costs a product page, in Chromium',
  async run({ quick, say }) {
    const app = await startNotingApp()
    const options = { appUrl: app.url, secret: SECRET, shop: shopDomain(0), announce: false }
    const on = await startStorefront(options)
    const off = await startStorefront({ ...options, embed: { on: false } })
    const browser = await startBrowser({ isTimed: true })
    try {
      const common = { script: SCRIPT, watchMs: quick ? 200 : 1500 }
      const visits: Visits = {
        on: () => ({ ...common, url: `${on.url}${PAGE}`, until: nextReport(on) }),
        off: () => ({ ...common, url: `${off.url}${PAGE}`, until: async () => {} }),
      }
      // The first visit to each has the storefront read its templates, and the browser start its processes.
      await measureVisit(browser, visits.on())
      await measureVisit(browser, visits.off())
      const rounds: Rounds = {
        on: [],
        off: [],
        all: { on: [], off: [] },
        begun: { on: [], off: [] },
        work: [],
        slowed: [],
      }
      for (let round = 0; round < (quick ? 3 : 20); round++) {
        await measureRound(browser, visits, rounds)
        say(`round ${round + 1}: ${rounds.work.at(-1)?.ms.toFixed(1)} ms of script, by samples`)
      }
      const bytes = await pageBytes(`${on.url}${PAGE}`, `${off.url}${PAGE}`)
      return { figures: [...pageFigures(rounds), ...bytes], notes: spreads(rounds) }
    } finally {
      await browser.close()
      await Promise.all([on.close(), off.close()])
      await app.close()
    }
  },
}

/** One visit of each kind. Which page comes first alternates: what else the machine does falls on both. */
async function measureRound(browser: Browser, visits: Visits, rounds: Rounds): Promise<void> {
  const order = rounds.on.length % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const)
  for (const which of order) rounds[which].push(await measureVisit(browser, visits[which]()))
  // Twice: of these figures visits differ by more than the embed takes.
  for (const which of [...order, ...order]) {
    rounds.all[which].push(allWork(await traceVisit(browser, visits[which](), EVENTS)))
    const begun = { ...visits[which](), hasBegun: true }
    rounds.begun[which].push(allWork(await traceVisit(browser, begun, EVENTS)))
  }
  rounds.work.push(workOf(SCRIPT, await traceVisit(browser, visits.on(), SAMPLES)))
  rounds.slowed.push(workOf(SCRIPT, await traceVisit(browser, visits.on(), SAMPLES, SLOWDOWN)))
}

/**
 * @returns waits until one more report than so far has reached the app: then the embed did on this page all that it does
 * @throws when none comes: a page on which it does nothing would cost nothing
 */
function nextReport(store: Storefront): () => Promise<void> {
  const before = store.proxied.length
  return async () => {
    const deadline = Date.now() + PATIENCE_MS
    while (store.proxied.length === before) {
      if (Date.now() > deadline) throw new Error(`the embed reported nothing within ${PATIENCE_MS / 1000} s`)
      await delay(POLL_MS)
    }
  }
}
