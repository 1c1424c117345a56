/** Walking through the sandbox store in a real browser, with a small app embed and a pixel that tell what they see. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Purpose } from '../../sandbox/store/pixel.ts'
import type { StorefrontOptions } from '../../sandbox/store/storefront.ts'
import { startTestStore, type TestStore } from '../../sandbox/store/testing.ts'

const BLOCK = `<script type="application/json" id="seen">{{ request.page_type | json }}</script>
{% schema %}{ "name": "Test", "target": "body", "javascript": "test.js" }{% endschema %}`

/** Tells through the app proxy which page it runs on, and hears of the cart. */
const SCRIPT = `const tell = () => {
  const body = document.getElementById('seen').textContent
  fetch('/apps/sluice/events', { method: 'POST', keepalive: true, body })
}
if (document.readyState === 'loading') addEventListener('DOMContentLoaded', tell)
else tell()
window.heard = []
document.addEventListener('shopify:cart:lines-update', event => {
  event.promise.then(() => window.heard.push(event.detail.action), () => window.heard.push('refused'))
})`

/** As a pixel built by Shopify's command line registers itself. */
const PIXEL = `shopify.extend('WebPixel::Render', ({ analytics, browser, settings, init }) => {
  analytics.subscribe('all_standard_events', async event => {
    await browser.localStorage.setItem('pixel', event.name)
    const { id, name, data, clientId, context } = event
    const told = { id, name, data, clientId, path: context.document.location.pathname, customer: init.data.customer }
    fetch(settings.address, { method: 'POST', mode: 'no-cors', keepalive: true, body: JSON.stringify(told) })
  })
})`

export type Told = { id: string; name: string; data: Record<string, unknown>; path: string }

export type Walk = TestStore & {
  /** A page of a new browser profile. `problems`: what its console complained about. */
  visitor(): Promise<{ page: Page; context: BrowserContext; problems: string[] }>
  /** Names of the standard events that the pixel told of, in order. */
  told(): Told[]
}

/** @param browser started by the caller, and closed by it; @param needs what the pixel asks of the visitor */
export async function startWalk(
  browser: Browser,
  options: Partial<StorefrontOptions> = {},
  needs: readonly Purpose[] = ['analytics'],
): Promise<Walk> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-walk-'))
  mkdirSync(join(folder, 'blocks'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'blocks/sluice.liquid'), BLOCK)
  writeFileSync(join(folder, 'assets/test.js'), SCRIPT)
  writeFileSync(join(folder, 'pixel.js'), PIXEL)
  const settings: Record<string, string> = {}
  const test = await startTestStore({
    embed: { folder },
    pixel: { file: join(folder, 'pixel.js'), settings: () => settings, needs },
    ...options,
  })
  settings.address = `${test.app.url}/pixel`
  const contexts: BrowserContext[] = []
  return {
    ...test,
    async visitor() {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
      contexts.push(context)
      const page = await context.newPage()
      const problems: string[] = []
      page.on('console', message => {
        if (message.type() === 'error') problems.push(message.text())
      })
      page.on('pageerror', error => problems.push(error.message))
      return { page, context, problems }
    },
    told: () =>
      test.app.requests
        .filter(request => request.url.pathname === '/pixel')
        .map(request => JSON.parse(request.body)),
    async close() {
      await Promise.all(contexts.map(context => context.close()))
      await test.close()
      rmSync(folder, { recursive: true })
    },
  }
}
