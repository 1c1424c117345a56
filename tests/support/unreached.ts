/** A browser that does not reach Sluice, or to which Sluice fails. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'

/** How what is sent fails. `offline`: nothing gets through any more, what a page asks for by itself neither. */
export const FAILS = ['offline', 'bare 500', 'database'] as const
export type Fails = (typeof FAILS)[number]

/** As the app says it when its database does not answer. */
const AWAY = { status: 503, headers: { 'x-remix-catch': 'yes' }, body: '' }

/** Whatever the page sends from now on fails. @returns ends it */
export async function failing(page: Page, how: Fails): Promise<() => Promise<void>> {
  if (how === 'offline') {
    await codeIsThere(page)
    await page.context().setOffline(true)
    return () => page.context().setOffline(false)
  }
  const sent = (url: URL) => url.searchParams.has('_data')
  await page.route(sent, route => {
    if (route.request().method() !== 'POST') return route.continue()
    return route.fulfill(how === 'database' ? AWAY : { status: 500, body: 'Internal Server Error' })
  })
  return () => page.unroute(sent)
}

/** A page fetches the code of the others once it stands. */
export async function codeIsThere(page: Page): Promise<void> {
  const frame = page.frames().at(-1) ?? page.mainFrame()
  while (
    !(await frame.evaluate(() => {
      const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel="modulepreload"]')]
      const fetched = new Set(performance.getEntriesByType('resource').map(({ name }) => name))
      const { __remixManifest } = window as unknown as {
        __remixManifest: { routes: Record<string, { id: string; module: string }> }
      }
      const of = location.pathname.startsWith('/support') ? 'routes/support' : 'routes/app'
      const pages = Object.values(__remixManifest.routes).filter(({ id }) => id.startsWith(of))
      return (
        pages.every(({ module }) => fetched.has(new URL(module, location.href).href)) &&
        links.every(({ href }) => fetched.has(href))
      )
    }))
  )
    await wait(50)
}
