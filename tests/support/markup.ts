/** Texts that run as script wherever a screen takes them for markup, and a watch over whether any did. */

import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { CATALOGUE, COLLECTIONS } from '../../sandbox/store/catalogue.ts'
import { EXAMPLES } from '../../sandbox/store/customers.ts'

const RUN = 'top.planted=1'

/** One for each way out of where a text may stand: content, attribute, script, comment, title, address. */
export const PLANTS = [
  `<img src=/planted onerror=${RUN}>`,
  `</script><script>${RUN}</script>`,
  `"><svg onload=${RUN}>`,
  `'><iframe src="javascript:${RUN}"></iframe>`,
  `javascript:${RUN}`,
  `</title></textarea></style><img src=/planted onerror=${RUN}>`,
  `<!--<script>--></script><img src=/planted onerror=${RUN}>`,
  `" autofocus onfocus=${RUN} x="`,
] as const

/** The n-th, counted in a circle. */
export const plant = (n: number): string => PLANTS[n % PLANTS.length] ?? ''

/** An address that forms and shops may take for an e-mail's: it has no space. */
export const PLANTED_EMAIL = `"><svg/onload=${RUN}>@example.com`

/** All that a merchant can write into a catalogue, and the example customers' names; for as long as the process lasts, before a store starts. Handles are Shopify's own making, of letters, digits and hyphens. */
export function plantStore(): void {
  for (const [n, collection] of COLLECTIONS.entries()) {
    for (const product of CATALOGUE.filter(({ type }) => type === collection.type)) product.type = plant(n)
    Object.assign(collection, { title: plant(n + 2), description: plant(n + 4), type: plant(n) })
  }
  for (const [n, product] of CATALOGUE.entries()) {
    Object.assign(product, {
      title: plant(n),
      brand: plant(n + 1),
      tags: plant(n + 2),
      description: plant(n + 3),
    })
    product.options = product.options.map((name, at) => (name === 'Title' ? name : plant(n + at + 4)))
    for (const [at, variant] of product.variants.entries()) {
      const values = variant.values.map(value =>
        value === 'Default Title' ? value : `${value} ${plant(n + at)}`,
      )
      Object.assign(variant, { values, sku: plant(n + at + 5) })
    }
  }
  for (const [n, person] of EXAMPLES.entries()) Object.assign(person, { first: plant(n), last: plant(n + 3) })
}

export type Watch = {
  /** What gave a plant away since the page was opened or last asked; empty when none ran. */
  findings(): Promise<string[]>
  /** Those plants that can be read on the page: as its text, in its title or in a field. */
  shown(): Promise<string[]>
}

/** Watches a page. @param hosts that it may ask, "127.0.0.1:3000" */
export function watchMarkup(page: Page, hosts: () => readonly string[]): Watch {
  const noticed: string[] = []
  page.on('dialog', dialog => {
    noticed.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('popup', () => noticed.push('a window'))
  page.on('frameattached', () => noticed.push('a frame'))
  page.on('request', request => {
    const { protocol, host, pathname } = new URL(request.url())
    if (pathname.startsWith('/planted')) noticed.push(`a request for ${pathname}`)
    else if (/^(http|ws)/.test(protocol) && !hosts().includes(host)) noticed.push(`a request to ${host}`)
  })
  page.on('console', message => {
    if (message.text().includes('Content Security Policy')) noticed.push(message.text())
  })
  return {
    async findings() {
      const found = [...noticed.splice(0), ...(await page.evaluate(lookForMarkup))]
      return [...new Set(found)]
    },
    shown: () => page.evaluate(lookForText, [...PLANTS]),
  }
}

/** In the page, whose own markup has no handler, no address of a script and no script that names the plants. */
async function lookForMarkup(): Promise<string[]> {
  // What was put in a moment ago begins to load with the next frames.
  for (let frame = 0; frame < 2; frame++) await new Promise(drawn => requestAnimationFrame(drawn))
  const found = 'planted' in window ? ['a plant ran'] : []
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      const where = `${element.localName}[${name}]`
      if (name.startsWith('on')) found.push(`a handler: ${where}`)
      if (/^(href|src|action|formaction|data|srcdoc)$/.test(name) && /^\s*javascript:/i.test(value))
        found.push(`an address that is a script: ${where}`)
    }
    const isScript = element instanceof HTMLScriptElement && !element.type.includes('json')
    if (isScript && element.textContent?.includes('planted')) found.push('a script')
  }
  return found
}

/** In the page. */
function lookForText(plants: string[]): string[] {
  const body = document.body.cloneNode(true) as HTMLElement
  for (const script of body.querySelectorAll('script')) script.remove()
  const fields = [...document.querySelectorAll('input')].map(({ value }) => value)
  const text = [document.title, body.textContent, ...fields].join('\n')
  return plants.filter(one => text.includes(one))
}

/** Nothing ran, and the plants (so many of them at least) stand there to be read: else nothing was tried. */
export async function expectOnlyText(watch: Watch, atLeast: number, screen: string): Promise<void> {
  expect(await watch.findings(), screen).toEqual([])
  expect((await watch.shown()).length, screen).toBeGreaterThanOrEqual(atLeast)
}

export type Poster = { page: Page; open(url: string, type: string, body: string): Promise<void> }

/**
 * Makes the page open addresses as a browser does that was made to post there. It is for nothing else from then on: requests
 * that are on their way while interception ends may stay there.
 */
export async function startPoster(page: Page): Promise<Poster> {
  let posted: { url: string; type: string; body: string } | undefined
  await page.route('**', route => {
    if (posted?.url !== route.request().url()) return route.continue()
    const { type, body } = posted
    return route.continue({ method: 'POST', headers: { 'content-type': type }, postData: body })
  })
  return {
    page,
    async open(url, type, body) {
      posted = { url, type, body }
      await page.goto(url)
    },
  }
}
