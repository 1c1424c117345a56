/**
 * What vendors' declarations and answers say in English, in another language: `texts/<language>.json` beside what they belong to,
 * the English sentence being the key. `{{name}}` in one stands for what is filled in.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { VENDORS } from '../vendors/registry.ts'

const FOLDER = resolve(import.meta.dirname, '../vendors')
const known = new Map<string, Readonly<Record<string, string>>>()

/**
 * @param language one of the pages' languages; English says all by itself
 * @throws when a vendor has no texts in the language
 */
export function sayingsIn(language: string): Readonly<Record<string, string>> {
  if (language === 'en') return {}
  const before = known.get(language)
  if (before) return before
  const folders = ['texts', ...VENDORS.map(({ id }) => `${id}/texts`)]
  const read = (folder: string): Record<string, string> =>
    JSON.parse(readFileSync(resolve(FOLDER, folder, `${language}.json`), 'utf8'))
  const sayings = Object.assign({}, ...folders.map(read)) as Record<string, string>
  known.set(language, sayings)
  return sayings
}
