/** The pixel as it is built: small, the same each time, one classic script that a worker can run. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { buildPixel, ensurePixel, PIXEL_MOST, pixelSize } from '../../scripts/pixel.ts'

const FOLDER = resolve(import.meta.dirname, '../../extensions/pixel')
const toml = readFileSync(join(FOLDER, 'shopify.extension.toml'), 'utf8')

it('is small', async () => {
  const built = await buildPixel()
  process.stdout.write(`${pixelSize(built)}\n`)
  expect(built.gzip).toBeLessThanOrEqual(PIXEL_MOST)
  expect(await buildPixel()).toEqual(built)
})

it('is a classic script that registers one pixel, and touches nothing else as it begins', async () => {
  const code = readFileSync(await ensurePixel(), 'utf8')
  const targets: string[] = []
  new Function('shopify', code)({ extend: (target: string) => targets.push(target) })
  expect(targets).toEqual(['WebPixel::Render'])
})

it('declares the consent that Shopify withholds it for, and the settings that it reads', () => {
  const said = (name: string) => new RegExp(`^${name} = (.+)$`, 'm').exec(toml)?.[1]
  expect([said('type'), said('runtime_context')]).toEqual(['"web_pixel_extension"', '"strict"'])
  const needs = { analytics: 'true', marketing: 'true', preferences: 'false', sale_of_data: '"enabled"' }
  expect(Object.fromEntries(Object.keys(needs).map(name => [name, said(name)]))).toEqual(needs)
  expect([...toml.matchAll(/^ *\[settings\.fields\.(\w+)\]$/gm)].map(match => match[1])).toEqual([
    'address',
    'shop',
    'key',
  ])
})
