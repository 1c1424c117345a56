/**
 * The app embed of a theme app extension, rendered as Shopify renders it: the block's own settings, its
 * script in the head, its Liquid at the end of the target (https://shopify.dev/docs/apps/build/online-store/theme-app-extensions).
 */

import { setTimeout as delay } from 'node:timers/promises'
import type { RequestHandler } from 'express'
import type { Liquid, Template } from 'liquidjs'
import { HANDLE, readBlock, type Saved, type Schema, settingsOf } from './block.ts'
import { asShopify, Printed, shopifyJson } from './liquid.ts'
import type { EmbedState } from './visit.ts'

export type EmbedOptions = {
  /** For visitors who chose nothing. */
  on: boolean
  /** The theme app extension's folder. */
  folder: string
  /** In place of defaults of the block's settings; the theme editor changes it. */
  settings: Saved
  /** `app.metafields`: namespace, then key. */
  metafields: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}
/** What the layout puts at the end of the head and of the body. */
export type RenderedEmbed = { head: string; body: string }

/** Where the storefront serves the extension's assets. */
export const EXTENSION_ASSETS = '/extensions/sluice/assets'
const NOTHING: RenderedEmbed = { head: '', body: '' }

/** Longer than the pixel waits for the embed. */
const LATE_MS = 4_000
/** Answers late what a page asks for with `?late=1`. */
export const lateAssets: RequestHandler = (request, _response, next) => {
  if (request.query.late === undefined) next()
  else delay(LATE_MS).then(() => next(), next)
}

/** @returns a function that renders the block for one page's objects on a host; nothing while the embed is off */
export function createEmbed(engine: Liquid, options: EmbedOptions) {
  let block: { schema: Schema; templates: Template[] } | null = null

  return async (
    scope: Readonly<Record<string, unknown>>,
    state: EmbedState,
    host: string,
  ): Promise<RenderedEmbed> => {
    if (state === 'off') return NOTHING
    block ??= parsedBlock(engine, options.folder)
    if (!block) return NOTHING
    const { schema, templates } = block
    const app = { metafields: metafieldObjects(options.metafields) }
    const assetQuery = state === 'late' ? '?late=1' : ''
    const context = {
      ...scope,
      app,
      block: {
        id: 'sluice-embed',
        type: HANDLE,
        settings: settingsOf(schema, options.settings),
        shopify_attributes: '',
      },
      __scope: { texts: {}, assets: EXTENSION_ASSETS, assetQuery },
    }
    if (schema.available_if !== undefined) {
      const available = await engine.parseAndRender(schema.available_if, context)
      if (available.trim() !== 'true') return NOTHING
    }
    const rendered: string = await engine.render(templates, context)
    // The block writes https, which every shop of Shopify's has and this one has not.
    const [secure, own] = [`https://${host}/`, `http://${host}/`].map(text => shopifyJson(text).slice(1, -1))
    const html = rendered.replaceAll(secure ?? '', own ?? '')
    const wrapped = `<div id="shopify-block-sluice-embed" class="shopify-block shopify-app-block">${html}</div>`
    return schema.target === 'head'
      ? { head: script(schema, assetQuery) + html, body: '' }
      : { head: script(schema, assetQuery), body: wrapped }
  }
}

function parsedBlock(engine: Liquid, folder: string) {
  const block = readBlock(folder)
  return block && { schema: block.schema, templates: engine.parse(asShopify(block.source)) }
}

const script = ({ javascript }: Schema, assetQuery: string) =>
  javascript
    ? `<script src="${EXTENSION_ASSETS}/${javascript}${assetQuery}" type="text/javascript" async></script>`
    : ''

/** A metafield prints as its value and has it under `value` too. */
function metafieldObjects(metafields: EmbedOptions['metafields']) {
  const namespaces = Object.entries(metafields).map(([namespace, fields]) => [
    namespace,
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, new Printed(value, { value, type: typeof value })]),
    ),
  ])
  return Object.fromEntries(namespaces)
}
