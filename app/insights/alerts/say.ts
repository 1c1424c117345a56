/**
 * Alerts in the language that a shop has chosen: `texts/<language>.json`, the English being the key as in other sayings. What a tool
 * said within one is said as on the shop's pages. English has a few words of its own too: a merchant reads of tools, an operator of vendors.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SLUICE } from '../../command-line.ts'
import { timesIn } from '../../ui/clock.ts'
import { counted } from '../../ui/counted.ts'
import { type Language, languageOf } from '../../ui/languages.ts'
import { sayer } from '../../ui/say.ts'
import { sayingsIn } from '../sayings.ts'
import { isVendor } from './words.ts'

export type Say = (english: string) => string

/**
 * In what words alerts are told, by whose clock, how it says how many events wait, where the rest is to be found of what there is no room
 * for, and where each vendor is put right; null: the reader has no page for it.
 */
export type Wording = {
  say: Say
  time(at: Date): string
  rest(more: number): string
  waiting(count: number, goesOut: boolean): string
  link(vendor: string): string | null
}

const waits = (count: number, goesOut: boolean, format: (value: number) => string) =>
  goesOut && count === 0
    ? 'No events wait for it any more.'
    : `Events that ${goesOut ? 'waited and go out now' : 'wait for it'}: ${counted(count, format)}.`

/** For operators: as it was made, in UTC. */
export const asMade: Wording = {
  say: english => english,
  time: at => at.toISOString(),
  rest: more => `And ${more} more: "${SLUICE} alerts" lists them.`,
  waiting: (count, goesOut) => waits(count, goesOut, String),
  link: () => null,
}

/** For a merchant. @param language as for `alertSayer` @param zone IANA's name of the shop's time zone; null: not known, and times are in UTC
 * @param page the address of a page of the app, by its path */
export function shopWording(
  language: string | null,
  zone: string | null,
  page: (path: string) => string,
): Wording {
  const say = alertSayer(language)
  const number = new Intl.NumberFormat(languageOf([language]))
  const { full, zone: by } = timesIn(languageOf([language]), zone)
  return {
    say,
    // Mail is read far from the page that says by whose clock.
    time: at =>
      by === null ? full(at.toISOString()) : `${full(at.toISOString())} (${by.replaceAll('_', ' ')})`,
    rest: more => say(`And ${more} more. Sluice in Shopify’s admin shows how each tool is.`),
    waiting: (count, goesOut) => say(waits(count, goesOut, number.format)),
    link: vendor => page(isVendor(vendor) ? `/app/vendors/${vendor}` : '/app/settings'),
  }
}

const known = new Map<string, Say>()

/** @param language as the shop has chosen; null: it has not, and nobody is there whose language would tell, so it is English */
export function alertSayer(language: string | null): Say {
  const chosen = languageOf([language])
  const before = known.get(chosen)
  if (before) return before
  const own = alertTexts(chosen)
  const say = sayer({ ...sayingsIn(chosen), ...own })
  known.set(chosen, say)
  return say
}

/** English to a language. */
export function alertTexts(language: Language): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(resolve(import.meta.dirname, `texts/${language}.json`), 'utf8'))
}
