/** Every language says everything, and says it with the same values filled in. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LANGUAGES } from './languages.ts'

const PLURAL = /_(zero|one|two|few|many|other)$/
const FILLED = /\{\{\s*(\w+)/g

function textsOf(language: string): Map<string, string> {
  const read = (value: unknown, path: string): [string, string][] =>
    typeof value === 'string'
      ? [[path, value]]
      : Object.entries(value as object).flatMap(([key, inner]) => read(inner, path ? `${path}.${key}` : key))
  return new Map(
    read(JSON.parse(readFileSync(`${import.meta.dirname}/locales/${language}.json`, 'utf8')), ''),
  )
}
const keysOf = (texts: ReadonlyMap<string, string>) => [
  ...new Set([...texts.keys()].map(key => key.replace(PLURAL, ''))),
]
const english = textsOf('en')

it('the English of too many tests was none: "That were"', () => {
  expect([...english].filter(([, text]) => /\bthat were many\b/i.test(text))).toEqual([])
})

describe.each(LANGUAGES)('the texts in %s', language => {
  const texts = textsOf(language)

  it('are those of English, none empty', () => {
    expect(keysOf(texts).sort()).toEqual(keysOf(english).sort())
    expect([...texts].filter(([, text]) => text.trim() === '')).toEqual([])
  })

  it.skipIf(language === 'en')('say nothing in English', () => {
    const said = [...texts].filter(([key, text]) => text === english.get(key))
    const sentences = said.filter(([, text]) => text.replace(FILLED, '').split(/\s+/).length >= 3)
    expect(sentences).toEqual([])
  })

  it('have the plural forms that the language has', () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    const counted = [...texts.keys()].filter(key => PLURAL.test(key)).map(key => key.replace(PLURAL, ''))
    for (const key of new Set(counted))
      expect([key, forms.filter(form => !texts.has(`${key}_${form}`))]).toEqual([key, []])
  })

  it('fill in what English fills in', () => {
    const filled = (text = '') => [...new Set([...text.matchAll(FILLED)].map(([, name]) => name))].sort()
    for (const [key, text] of texts) {
      const source = english.get(key) ?? english.get(key.replace(PLURAL, '_other')) ?? ''
      const extra = filled(text).filter(name => !filled(source).includes(name) && name !== 'count')
      expect([key, extra]).toEqual([key, []])
    }
  })
})
