import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { POLARIS_TEXTS } from './texts.server.ts'

const APP = resolve(import.meta.dirname, '..')
const POLARIS = resolve(APP, '../node_modules/@shopify/polaris/build/esm/components')

it('a badge that is complete does not tell screen readers to complete it', () => {
  const said = Object.entries(POLARIS_TEXTS).map(([language, { Polaris }]) => [
    language,
    Polaris.Badge.PROGRESS_LABELS.complete,
  ])
  expect(Object.fromEntries(said)).toEqual({
    ...{ en: 'Complete', cs: 'Dokončeno', sk: 'Dokončené', de: 'Abgeschlossen' },
    ...{ pl: 'Zakończono', 'pt-BR': 'Concluído' },
  })
})

describe('Slovak, which Polaris does not have', () => {
  const [sk, cs] = [leavesOf(POLARIS_TEXTS.sk), leavesOf(POLARIS_TEXTS.cs)]
  const filledIn = (text = '') => (text.match(/\{\w+\}/g) ?? []).sort()

  it('has every word that the components in use ask for', () => {
    const asked = wordsAskedFor()
    expect(asked).toContain('Polaris.Page.Header.pageReadyAccessibilityLabel')
    expect(asked.filter(key => !sk.has(key))).toEqual([])
  })

  it('is not Czech, and fills in the same', () => {
    for (const [key, text] of sk) {
      expect([key, filledIn(text)]).toEqual([key, filledIn(cs.get(key))])
      const words = text.replaceAll(/\{\w+\}/g, '')
      expect([key, words]).not.toEqual([key, expect.stringMatching(/[ěřů]/i)])
      if (/\p{L}/u.test(words)) expect([key, text]).not.toEqual([key, cs.get(key)])
    }
  })
})

type Tree = { readonly [key: string]: string | Tree }

function leavesOf(texts: Tree, path: readonly string[] = []): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[[...path, key].join('.'), value]] : [...leavesOf(value, [...path, key])],
    ),
  )
}

/** Keys in Polaris's own code, of the components that ours import and of what these consist of. */
function wordsAskedFor(): string[] {
  const seen = new Set<string>()
  const asked = new Set<string>()
  const look = (file: string) => {
    if (seen.has(file) || !existsSync(file)) return
    seen.add(file)
    const code = readFileSync(file, 'utf8')
    for (const [, key = ''] of code.matchAll(/["'`](Polaris\.[\w.]+\w)["'`]/g)) asked.add(key)
    for (const [, to = ''] of code.matchAll(/from '(\.[^']+)'/g)) look(join(dirname(file), to))
  }
  for (const file of globSync('**/*.tsx', { cwd: APP })) {
    const code = readFileSync(join(APP, file), 'utf8')
    for (const [, names = ''] of code.matchAll(/import \{([^}]*)\} from '@shopify\/polaris'/g))
      for (const name of names.split(',')) look(join(POLARIS, name.trim(), `${name.trim()}.js`))
  }
  return [...asked]
}
