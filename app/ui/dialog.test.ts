import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

it('there is no dialog but ours, which gives the focus back', () => {
  const cwd = resolve(import.meta.dirname, '..')
  const files = globSync('{ui,routes}/**/*.tsx', { cwd })
  const takes = (file: string) =>
    /import \{[^}]*\bModal\b[^}]*\} from '@shopify\/polaris'/.test(readFileSync(resolve(cwd, file), 'utf8'))
  expect(files.filter(takes)).toEqual(['ui/dialog.tsx'])
})
