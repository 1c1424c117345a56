/**
 * A control that is named otherwise than it reads is asked for by what it reads, by whoever speaks to the browser: its name holds the
 * words that are seen. The places are found in code, so that none is forgotten.
 */
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LANGUAGES } from './languages.ts'
import { CONSOLE_TEXTS } from './support/texts.ts'

const APP = resolve(import.meta.dirname, '..')

/** What is seen, by the key of the name. Its values are seen where it begins with an equals sign. */
const SEEN: Readonly<Record<string, string>> = {
  'preview.openNamed': 'preview.open',
  'vendors.tryNow.named': 'vendors.tryNow.button',
  'activity.replay.oneAt': 'activity.replay.one',
  'vendors.openNamed': 'vendors.open',
  'vendors.connectNamed': 'vendors.connect',
  'activity.filter.remove': '={{filter}}',
  'vendors.events.details': '={{what}}',
  'accuracy.table.link': '={{number}}',
  'support.shop.days.listOf': '={{number}}',
  'support.shop.failures.allOf': 'support.shop.failures.all',
  'support.shop.failures.newestOf': 'support.shop.failures.newest',
  'support.vendor.failures.newestOf': 'support.vendor.failures.newest',
  'support.vendor.hold.actionOf': 'support.vendor.hold.action',
  'support.vendor.hold.releaseOf': 'support.vendor.hold.release',
  'support.shop.act.eventsOf': 'support.shop.act.events',
  'support.shop.act.holdNamed': 'support.shop.act.hold',
  'support.shop.act.changeNamed': 'support.shop.act.change',
  'support.shop.act.releaseNamed': 'support.shop.act.release',
  'support.fleet.ask.hold': 'support.fleet.kind.hold',
  'support.fleet.ask.release': 'support.fleet.kind.release',
  'support.sessions.endOf': 'support.sessions.end',
}
/** Of what has no words to be seen: spinners, and the ways from one page of a list to another. */
const UNSEEN = /\.(pages|counting|looking)$/

/** As axe compares them: whatever the case and the marks. */
const bare = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}{}\s]/gu, '')
    .trim()

function textAt(texts: unknown, key: string): string {
  const found = key.split('.').reduce<unknown>((within, part) => (within as never)?.[part], texts)
  if (typeof found !== 'string') throw new Error(`no text ${key}`)
  return found
}

const textsOf = (language: string) => ({
  ...JSON.parse(readFileSync(join(import.meta.dirname, `locales/${language}.json`), 'utf8')),
  support: CONSOLE_TEXTS,
})

/** Keys of the names that are given in code, those that are put together as well. */
function namesIn(code: string): string[] {
  const given = code.matchAll(/accessibilityLabel=\{t\(\s*(['`][^,)]*?)[,)]/g)
  return [...given].flatMap(([, asked = '']) => {
    const whole = [...asked.matchAll(/'([\w.]+)'/g)].map(([, key = '']) => key)
    const built = /`([\w.]+)\$\{(.*)\}`/.exec(asked)
    if (!built) return whole
    const [, start = '', choice = ''] = built
    const ends = [...choice.matchAll(/'(\w+)'/g)].map(([, end = '']) => end)
    return (ends.length > 0 ? ends : ['hold', 'release']).map(end => start + end)
  })
}

const sources = globSync(['ui/**/*.tsx', 'routes/*.tsx'], { cwd: APP }).map(path =>
  readFileSync(join(APP, path), 'utf8'),
)

it('every name that is given in code is known here, and no other', () => {
  const conditional = sources.flatMap(code =>
    [...code.matchAll(/accessibilityLabel=\{t\(\w+ \? '([\w.]+)' : '([\w.]+)'/g)].flatMap(([, a, b]) => [
      a,
      b,
    ]),
  )
  const given = new Set([...sources.flatMap(namesIn), ...conditional])
  const named = [...given].filter(key => key && !UNSEEN.test(key)).sort()
  expect(named).toEqual(Object.keys(SEEN).sort())
})

describe.each(LANGUAGES)('in %s', language => {
  const texts = textsOf(language)

  it.each(Object.entries(SEEN))('%s holds what is seen', (name, seen) => {
    const words = seen.startsWith('=') ? seen.slice(1) : textAt(texts, seen)
    expect(bare(textAt(texts, name))).toContain(bare(words))
  })
})
