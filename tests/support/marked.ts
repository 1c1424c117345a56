/**
 * Texts between marks that nobody sees: what a page writes outside of them was not translated. What is filled in stands outside of the
 * marks, and is data or has marks of its own.
 */
import { setupGuide } from '../../app/insights/setup-guide.ts'
import type { Texts } from '../../app/ui/i18n.ts'
import type { Language } from '../../app/ui/languages.ts'
import { VENDORS } from '../../app/vendors/registry.ts'
import { METADATA_KEYS } from '../../app/vendors/voucherify/metadata-keys.ts'

/** Without a width, so that a page is as wide as with the texts themselves (https://www.unicode.org/charts/PDF/U2000.pdf). */
const [OPEN, CLOSE] = ['\u2063', '\u2064']
/** What is filled in: by i18next, by Polaris. */
const FILLED = /(\{\{[^}]*\}\}|\{\w+\})/

export function marked(text: string): string {
  return text
    .split(FILLED)
    .map((part, index) => (index % 2 === 1 || part === '' ? part : `${OPEN}${part}${CLOSE}`))
    .join('')
}

/** What of a text stands outside of marks. */
export const unmarked = (text: string): string => text.replace(/\u2063[^\u2064]*\u2064/g, ' ')

type Node = { [key: string]: unknown }

/** Marks every text in it, where it is, with what it holds. @param isText of a key: whether its text is one @returns undoes it */
function markIn(root: object, isText: (key: string, holder: Node) => boolean = () => true): () => void {
  const undo: (() => void)[] = []
  const visit = (node: Node) => {
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === 'object' && value !== null) visit(value as Node)
      else if (typeof value === 'string' && isText(key, node)) {
        node[key] = marked(value)
        undo.push(() => {
          node[key] = value
        })
      }
    }
  }
  visit(root as Node)
  return () => {
    for (const each of undo) each()
  }
}

type FrameModule = {
  loader(given: object): Promise<{ texts: Texts; sayings: object; polaris: object }>
}

/**
 * Marks all that the pages of this process say in a language. Texts are read once and kept, so what is changed in them is what pages say.
 * @param frameOfPages the build's module of the frame, which gives its pages their texts
 * @param sayings what is built on the server, as it is kept
 * @param guides tools whose guides are read
 * @returns the marked texts, and what takes the marks away
 */
export async function markPages(
  language: Language,
  frameOfPages: unknown,
  sayings: object,
  guides: readonly string[],
): Promise<{ texts: Texts; undo(): void }> {
  const merchant = { enter: async () => ({ language }), sayings: () => sayings }
  const request = new Request('https://app.example.com/app')
  const context = { services: { merchant, embedded: {} } }
  const given = await (frameOfPages as FrameModule).loader({ request, context, params: {} })
  const undo = [
    markIn(given.texts),
    markIn(given.polaris),
    markIn(sayings),
    ...guides.map(id => markIn(setupGuide(id, language), key => key === 'text')),
  ]
  return {
    texts: given.texts,
    undo: () => {
      for (const each of undo) each()
    },
  }
}

/** Code and JSON are data, and so is what somebody can change. */
export const NOT_WRITTEN = 'script, style, code, textarea, [translate=no]'

/** What stands on screens outside of marks and is none of our words. */
const DATA: readonly RegExp[] = [
  // Whom the demo names as support, and what support and a tool wrote there, in their own words.
  /support@example\.com/g,
  /Voucherify announced maintenance of its API for this hour\./g,
  /Their maintenance is over\./g,
  /The catalogue has no such item/g,
  // Its shop, what it sells, and what was looked for there.
  /[\w-]+\.myshopify\.com/g,
  wordsOf(['Pier Works', 'Harbour Lamp', 'Sea Candle', 'Lamps', 'Candles', 'lamp']),
  // The invented person of a sample.
  /\d+ · shopper@example\.com · \+\d+/g,
  // E-mail addresses and ends of keys, masked; ids.
  /[\p{L}\d]…@example\.com/gu,
  /…\u2060?[0-9a-f]{4}(?![0-9a-f])/g,
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
  // What the browser's Intl writes in German: times, days, spans and lists.
  /\d+\.\d+\.\d{4}, \d+:\d\d(?::\d\d)? UTC/g,
  /Europe\/Prague/g,
  /\d+\. (?:Jan|Feb|März|Apr|Mai|Juni|Juli|Aug|Sept|Okt|Nov|Dez)\.?(?:, \d+:\d\d UTC)?/g,
  /\d+ (?:Sekunde|Minute|Stunde|Tag)e?n?(?!\p{L})/gu,
  /(?<=^|\s)und(?=$|\s)/g,
  // What a tool calls events and fields: the same in every language.
  /(?<!\p{L})[a-z]+(?:[_./-][a-z]+)+(?!\p{L})/gu,
  wordsOf([
    ...VENDORS.flatMap(({ rows }) => Object.values(rows).map(({ becomes }) => becomes)).filter(isName),
    ...METADATA_KEYS,
  ]),
  // The app's own name, those of tools, and those of languages, each in its own.
  wordsOf(['Sluice', ...VENDORS.map(({ name }) => name)]),
  wordsOf(['English', 'Čeština', 'Slovenčina', 'Deutsch', 'Polski', 'Português (Brasil)']),
  // Polaris's dialog gives the id of its heading as its name too.
  /^:r\w+:$/g,
]

/** Any of these as words of their own. */
function wordsOf(words: readonly string[]): RegExp {
  const any = words.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  return new RegExp(`(?<![\\p{L}_])(?:${any})(?![\\p{L}_])`, 'gu')
}

/** Whether it is a name, and not a sentence or a word that has translations. */
function isName(becomes: string): boolean {
  return /^[a-z]+([-_][a-z]+)*$/.test(becomes)
}

/** Texts of a page that have letters outside of marks, but for data. */
export function strangersIn(texts: readonly string[]): string[] {
  const left = (text: string) => DATA.reduce((rest, data) => rest.replace(data, ' '), unmarked(text))
  return [...new Set(texts.filter(text => /\p{L}/u.test(left(text))).map(text => left(text).trim()))]
}
