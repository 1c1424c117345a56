import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CATALOGUE, COLLECTIONS, DEFAULT_TITLE } from './catalogue.ts'

const read = (locale: string): Record<string, Record<string, string>> =>
  JSON.parse(readFileSync(new URL(`./theme/locales/${locale}.json`, import.meta.url), 'utf8'))
const { words = {}, ...czech } = read('cs')
const namesIn = (texts: Record<string, Record<string, string>>) =>
  Object.entries(texts).flatMap(([part, each]) => Object.keys(each).map(name => `${part}.${name}`))

it('both languages have the same texts', () => {
  expect(namesIn(czech).sort()).toEqual(namesIn(read('en')).sort())
})

it('all that is sold is described in Czech, but for its names', () => {
  const texts = [
    ...COLLECTIONS.flatMap(({ title, description }) => [title, description]),
    ...CATALOGUE.map(({ description }) => description),
    ...CATALOGUE.filter(({ variants }) => variants[0].values[0] !== DEFAULT_TITLE).flatMap(
      ({ options, variants }) => [...options, ...variants.flatMap(({ values }) => values)],
    ),
  ]
  expect(texts.filter(text => !Object.hasOwn(words, text))).toEqual([])
})
