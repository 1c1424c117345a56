/**
 * A real browser for tests, from npm alone on Linux (x64); elsewhere an installed Chrome. Nothing is downloaded.
 */
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as playwright } from 'playwright-core'
import { BROWSER } from '../../sandbox/store/shopify.ts'

/**
 * For places with a single process, where a browser dies with the first context that closes; laxer than shops; and for graphics that
 * no page of ours has, which would be worked out without a graphics card: half of a test's processor time.
 */
const UNWANTED = [
  '--single-process',
  '--no-zygote',
  '--disable-web-security',
  '--allow-running-insecure-content',
  '--in-process-gpu',
  '--ignore-gpu-blocklist',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
]

/**
 * Playwright switches the back/forward cache off, because pages come back from it without the requests and events that its waiting
 * goes by: `goBack` and `waitForURL` never end then. The headless browser has it on request only.
 */
const BACK_FORWARD_CACHE = {
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
  args: ['--enable-bfcache'],
}

/** What would be made fast by being compiled is gone before that pays: without, a page costs a sixth less of processor time. */
const UNHURRIED = '--js-flags=--no-maglev --no-turbofan --min-semi-space-size=32'

/**
 * Start one per test file, give every test a context of its own, and close it at the end.
 * @param keepsPages whether pages that are left are kept in the back/forward cache, as in browsers with a window
 * @param isTimed whether it is to be as fast as a person's
 * @throws when there is no browser to start
 */
export async function startBrowser({ keepsPages = false, isTimed = false } = {}): Promise<Browser> {
  // A browser without a window names itself so, and counts as a robot.
  const name = `--user-agent=${BROWSER}`
  const kept = keepsPages ? BACK_FORWARD_CACHE : { args: [] }
  const args = [name, ...kept.args, ...(isTimed ? [] : [UNHURRIED])]
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return playwright.launch({ channel: 'chrome', ...kept, args })
  const wanted = chromium.args.filter(argument => !UNWANTED.includes(argument))
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    ...kept,
    args: [...wanted, '--disable-gpu', ...args],
  })
}
