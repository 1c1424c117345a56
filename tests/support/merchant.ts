/** A merchant at work: the app in the frame of a stand-in admin, in a real browser. Call at a test file's top level. */
import type { Browser, FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { type AdminFrame, startAdminFrame } from '../../sandbox/admin/frame.ts'
import type { AdminStandIn } from '../../sandbox/store/admin/contract.ts'
import { startAdmin } from '../../sandbox/store/admin/server.ts'
import { SECRET, SHOP, startApp, type TestApp } from './app.ts'
import { startBrowser } from './browser.ts'
import { tabsIn } from './tabs.ts'

export const API_KEY = 'test-key'
export type Opened = { page: Page; app: FrameLocator }
export type MerchantTools = {
  app: TestApp
  standIn: AdminStandIn
  frame: AdminFrame
  browser: Browser
  /** `leave` gives the page back. @param path in the app, "/app" unless told @param width of the window in CSS pixels */
  open(path?: string, options?: { shop?: string; locale?: string; width?: number }): Promise<Opened>
}

/** @param env in place of the usual environment, name by name, known when the tests begin */
export function merchantTools(env: () => Promise<Record<string, string>> = async () => ({})): MerchantTools {
  const tools = {} as MerchantTools
  beforeAll(async () => {
    const browser = await startBrowser()
    const standIn = await startAdmin({
      ...{ apiKey: API_KEY, apiSecret: SECRET, customer: () => null },
      // Not known unless a test says so: its pages are in UTC.
      timeZone: () => null,
    })
    const frame = await startAdminFrame({ apiKey: API_KEY, apiSecret: SECRET, appUrl: () => tools.app.url })
    const app = await startApp({
      env: {
        SHOPIFY_ADMIN_BASE_URL: standIn.url,
        SHOPIFY_APP_BRIDGE_URL: `${frame.url}/app-bridge.js`,
        ...(await env()),
      },
    })
    async function open(path = '/app', { shop = SHOP, locale = 'en', width = 1280 } = {}): Promise<Opened> {
      const page = await tabsIn(browser)(width)
      page.setDefaultTimeout(15_000)
      await page.goto(frame.address(shop, path, locale))
      return { page, app: page.frameLocator('iframe') }
    }
    Object.assign(tools, { app, standIn, frame, browser, open })
  })
  afterAll(async () => {
    await tools.browser?.close()
    await tools.app?.close()
    await tools.frame?.close()
    await tools.standIn?.close()
  })
  return tools
}
