/** What runs in shops' storefronts is what its sources say, small, and acceptable to Shopify's theme check. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { themeCheckRun } from '@shopify/theme-check-node'
import { describe, expect, it } from 'vitest'
import { BUNDLES, buildBundle, sizeOf } from '../../scripts/storefront.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const EXTENSION = join(ROOT, 'extensions/storefront')

describe.each(BUNDLES)('the script of the $name', bundle => {
  it('is the committed one, built anew by `npm run storefront`, and small', async () => {
    const built = await buildBundle(bundle)
    process.stdout.write(`${sizeOf(built, bundle)}\n`)
    expect(built.code).toBe(readFileSync(join(ROOT, bundle.output), 'utf8'))
    expect(built.gzip).toBeLessThanOrEqual(bundle.most)
  })
})

describe('the theme app extension', () => {
  it('passes theme check without an offence or a warning', async () => {
    const { offenses, theme } = await themeCheckRun(EXTENSION, 'theme-check:theme-app-extension')
    expect(theme.map(({ uri }) => uri.split('/').pop())).toContain('sluice.liquid')
    expect(offenses.map(({ check, uri, message }) => `${check} ${uri}: ${message}`)).toEqual([])
  })

  const locale = (name: string) =>
    JSON.parse(readFileSync(join(EXTENSION, `locales/${name}.schema.json`), 'utf8'))
  const paths = (value: unknown, path = ''): string[] =>
    typeof value === 'string'
      ? [path]
      : Object.entries(value as object).flatMap(([key, inner]) => paths(inner, path ? `${path}.${key}` : key))

  it.each(['en.default', 'cs', 'sk', 'de', 'pl', 'pt-BR'])(
    'speaks %s, and names itself in less than 25 letters',
    name => {
      const texts = locale(name)
      expect(paths(texts)).toEqual(paths(locale('en.default')))
      expect(texts.name.length).toBeLessThan(25)
      const block = readFileSync(join(EXTENSION, 'blocks/sluice.liquid'), 'utf8')
      const used = [...block.matchAll(/"t:([\w.]+)"/g)].map(([, key]) => key)
      expect(used.sort()).toEqual(paths(texts).sort())
    },
  )
})
