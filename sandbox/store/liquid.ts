/**
 * Liquid as Shopify renders it, as far as a theme and an app embed need: the filters that liquidjs lacks or
 * that behave otherwise (https://shopify.dev/docs/api/liquid/filters). Nothing is escaped by itself. Of our own is `word`: what a
 * merchant wrote, as the language has it; it stays as it is where the language has nothing for it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Drop, Liquid, type TagToken, type TopLevelToken } from 'liquidjs'

export type Texts = Readonly<Record<string, unknown>>

/** A value with parts that prints as one text: `{{ template }}` beside `{{ template.name }}`. */
export class Printed extends Drop {
  #text: unknown
  constructor(text: unknown, parts: Readonly<Record<string, unknown>>) {
    super()
    this.#text = text
    Object.assign(this, parts)
  }
  override valueOf() {
    return this.#text
  }
  toJSON() {
    return this.#text
  }
}

/** A picture, as the filter `image_url` takes it; `src` is relative to the protocol. */
export type Image = {
  id: number
  src: string
  alt: string
  width: number
  height: number
  aspect_ratio: number
}

/** Where filters find the language, its texts and the address of assets; `assetQuery` ("?late=1") is put after each. */
type Scope = { texts: Texts; assets: string; assetQuery?: string; locale?: string }

/** @param folders where `{% render %}` and layouts look */
export function createEngine(folders: string[]): Liquid {
  const engine = new Liquid({ root: folders, extname: '.liquid', strictFilters: true, cache: true })
  registerSilent(engine, 'schema')
  engine.registerFilter('json', shopifyJson)
  engine.registerFilter('divided_by', dividedBy)
  engine.registerFilter('money', function (value: unknown) {
    return money(value, scopeOf(this.context)?.locale)
  })
  engine.registerFilter('word', function (text: unknown) {
    const { words = {} } = scopeOf(this.context).texts
    return Object.entries(words as Texts).find(([word]) => word === text)?.[1] ?? text
  })
  engine.registerFilter('url_escape', (text: unknown) => encodeURI(String(text ?? '')))
  engine.registerFilter('image_url', imageUrl)
  engine.registerFilter('asset_url', function (file: unknown) {
    const { assets, assetQuery = '' } = scopeOf(this.context)
    return `${assets}/${file}${assetQuery}`
  })
  engine.registerFilter('t', function (key: unknown, ...given: unknown[]) {
    const text = lookUp(scopeOf(this.context).texts, String(key))
    return given.reduce<string>((filled, pair) => {
      const [name, value] = pair as [string, unknown]
      return filled.replaceAll(`{{ ${name} }}`, String(value))
    }, text)
  })
  return engine
}

/** The texts of one language, by the same dotted keys as in Shopify's locale files. */
export const readTexts = (folder: string, locale: string): Texts =>
  JSON.parse(readFileSync(join(folder, `${locale}.json`), 'utf8'))

const scopeOf = (context: { get(path: string[]): unknown }) => context.get(['__scope']) as Scope

/** @param key "cart.label" */
export function lookUp(texts: unknown, key: string): string {
  const found = key.split('.').reduce((part, name) => (part as Texts | undefined)?.[name], texts)
  return typeof found === 'string' ? found : `translation missing: ${key}`
}

/** Shopify writes "<", ">", "&" and "/" in JSON so that it is safe inside a script element. */
export function shopifyJson(value: unknown): string {
  const escaped: Record<string, string> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', '/': '\\/' }
  return JSON.stringify(value ?? null).replace(/[<>&/]/g, sign => escaped[sign] ?? sign)
}

/** Whole numbers give a whole number, unless the divisor is written with a decimal point (see `asShopify`). */
function dividedBy(value: unknown, divisor: unknown, exactly?: unknown): number {
  const [a, b] = [Number(value), Number(divisor)]
  const isWhole = Number.isInteger(a) && Number.isInteger(b) && exactly !== true
  return isWhole ? Math.floor(a / b) : a / b
}

/** liquidjs does not tell 100 from 100.0, which decides in Shopify whether a division is whole. */
export const asShopify = (template: string): string =>
  template.replace(/(divided_by:\s*-?\d+\.\d+)/g, '$1, true')

const money = (hundredths: unknown, locale = 'en'): string =>
  new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR' }).format(Number(hundredths) / 100)

function imageUrl(image: unknown, ...options: unknown[]): string {
  const { src } = image as Image
  const sizes = options
    .filter((option): option is [string, unknown] => Array.isArray(option))
    .map(([name, value]) => `&${name}=${value}`)
  return `${src}${sizes.join('')}`
}

/** A block that prints nothing, such as `{% schema %}`. */
function registerSilent(engine: Liquid, name: string): void {
  engine.registerTag(name, {
    parse(_token: TagToken, rest: TopLevelToken[]) {
      while (rest.length > 0) {
        const token = rest.shift() as TagToken | undefined
        if (token?.name === `end${name}`) return
      }
      throw new Error(`{% ${name} %} is not closed`)
    },
    render: () => '',
  })
}
