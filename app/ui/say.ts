/**
 * Sentences that are built on the server, in English, and shown in the page's language: what vendors' declarations say, and what
 * was told of tests and deliveries. The English sentence is the key; `{{name}}` in one stands for what was filled in.
 */

/** English to the page's language. */
export type Sayings = Readonly<Record<string, string>>

/** What is filled in may hold a sentence that has a translation of its own, but not for ever. */
const DEPTH = 3
const FILLED = /\{\{(\w+)\}\}/g

type Pattern = { english: string; said: string; regex: RegExp; names: string[] }

/**
 * @returns a function that says a sentence in the page's language; what is not among the sayings stays as it is
 */
export function sayer(sayings: Sayings): (english: string) => string {
  const patterns = patternsIn(sayings)
  const say = (english: string, depth = DEPTH): string => {
    const own = Object.hasOwn(sayings, english) ? sayings[english] : undefined
    if (own !== undefined) return own
    if (depth === 0) return english
    for (const pattern of patterns) {
      const found = pattern.regex.exec(english)
      if (!found) continue
      const values = new Map(
        pattern.names.map((name, index) => [name, say(found[index + 1] ?? '', depth - 1)]),
      )
      return pattern.said.replace(FILLED, (_, name) => values.get(name) ?? '')
    }
    // A reason may be followed by what it concerns: names of fields or settings, or purposes, which have words.
    const detailed = /^(.*[.]) \(([^()]*)\)$/s.exec(english)
    if (!detailed?.[1]) return english
    const concerned = (detailed[2] ?? '').split(', ').map(each => say(each, 0))
    return `${say(detailed[1], depth - 1)} (${concerned.join(', ')})`
  }
  return english => say(english)
}

/** Those with something filled in, the ones that say most by themselves first. */
function patternsIn(sayings: Sayings): Pattern[] {
  return Object.entries(sayings)
    .filter(([english]) => english.includes('{{'))
    .map(([english, said]) => ({
      ...{ english, said, names: [...english.matchAll(FILLED)].map(([, name]) => name ?? '') },
      regex: new RegExp(`^${english.split(FILLED).map(literalOrValue).join('')}$`, 's'),
    }))
    .toSorted((a, b) => literal(b.english) - literal(a.english))
}

/** `split` gives the literal parts and the names in turn. */
const literalOrValue = (part: string, index: number) =>
  index % 2 === 1 ? '(.*?)' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const literal = (english: string) => english.replace(FILLED, '').length
